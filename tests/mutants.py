"""`make mutants`, its last step: what the run left in mutants/, counted for each file, with the ways to look further."""

import json
import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
KILLED, SURVIVED, NOT_TRIED = "killed", "survived", "not tried"
_OUTCOMES = {None: NOT_TRIED, 0: SURVIVED, 1: KILLED, 3: KILLED, 5: "no test", 33: "no test"}
COLUMNS = (KILLED, SURVIVED, "timed out", "no test", NOT_TRIED)


def count(folder: Path) -> dict[str, Counter[str]]:
    """The outcomes of each mutated file, by its path below `folder`."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(folder.rglob("*.py.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        if codes:
            name = str(path.relative_to(folder)).removesuffix(".meta")
            found[name] = Counter(_OUTCOMES.get(code, "timed out") for code in codes.values())
    return found


def main() -> int:
    found = count(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "mutants")
    table = Table("file", "mutants", *COLUMNS)
    rows = [*found.items(), ("all", sum(found.values(), Counter[str]()))]
    for name, outcomes in rows:
        table.add_row(name, str(outcomes.total()), *(str(outcomes[column]) for column in COLUMNS))
    Console().print(table)
    print("`mutmut results` names the survivors, `mutmut show NAME` shows one.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
