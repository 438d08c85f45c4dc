"""The documents keep their promises: links lead somewhere, lists are complete, and nothing points at one machine."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import app as command_line
from bot.forms.functions import FUNCTIONS
from bot.forms.load import load_form

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "What was measured"]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
FENCE = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
# Not behind a letter (https://example.org/home/) nor a bracket (an XForm's instance('list')/root/item).
MACHINE_PATH = re.compile(r"(?<![\w.)-])/(?:work|root|home)/\w[^\s'\"`)]*")
ENVIRONMENT_NAME = re.compile(r"\"((?:WIJKVERHAAL|TELEGRAM)_[A-Z_]+)\"")

# What git does not keep, or what others wrote.
MADE = {"node_modules", "models", "data", "build", "dist", "results", "__pycache__"}
TEXT = {
    ".css", ".csv", ".html", ".in", ".js", ".json", ".lock", ".mako", ".md", ".mjs", ".po", ".py", ".svg", ".toml",
    ".tsv", ".txt", ".xml", ".yaml", ".yml", "",
}  # fmt: skip # read as one list of words


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _files(folder: Path) -> Iterator[Path]:
    """Everything a person or a program of ours wrote, also when this is no git checkout."""
    for path in sorted(folder.iterdir()):
        # nlu/data is training data and is kept; the data folder at the top is made by running.
        made = path.name in MADE and _name(path) != "nlu/data"
        if path.is_dir() and not made and not path.name.startswith("."):
            yield from _files(path)
        elif path.is_file() and path.suffix in TEXT:
            yield path


def _without_code(text: str) -> str:
    return FENCE.sub("", text)


def _anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as forges make them."""
    headings = HEADING.findall(_without_code(document.read_text(encoding="utf-8")))
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


def _broken_links(document: Path) -> list[str]:
    broken = []
    for link in LINK.findall(_without_code(document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        missing = not target.exists()
        if missing or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_within_the_repository_resolve(document: Path) -> None:
    assert _broken_links(document) == []


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "# One two\n[a](page.md#one-two) [b](gone.md) [c](#three) [d](https://x.nl/y)\n```\n[e](code)\n```\n"
    )

    assert _broken_links(document) == ["gone.md", "#three"]


@pytest.mark.parametrize("page", DECISIONS, ids=_name)
def test_decision_page_has_the_four_headings_in_order(page: Path) -> None:
    text = _without_code(page.read_text(encoding="utf-8"))

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert text.startswith(f"# {page.name[:4]}")


def test_every_decision_is_listed_and_numbered_without_gaps() -> None:
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (ROOT / "docs/decisions/README.md").read_text("utf-8"))

    assert listed == [page.name for page in DECISIONS]
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_no_file_names_a_place_on_one_machine() -> None:
    found = {
        _name(path): places
        for path in _files(ROOT)
        if (places := MACHINE_PATH.findall(path.read_text(encoding="utf-8", errors="replace")))
    }

    assert found == {}


def test_a_place_on_one_machine_is_noticed() -> None:
    slash = "/"
    text = (
        f"see {slash}home/ada/wijk and '{slash}root/x', not https://x.nl/home/y nor instance('a')/root/item"
    )

    assert MACHINE_PATH.findall(text) == [f"{slash}home/ada/wijk", f"{slash}root/x"]


def _named_packages(section: str) -> set[str]:
    """The packages in the first column of the tables under a heading of docs/dependencies.md."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    part = text.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)`", part, re.MULTILINE))


def _required(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in requirements}


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert _named_packages("The app") == _required(project["project"]["dependencies"])
    assert _named_packages("For developing and testing") == _required(
        [each for group in project["dependency-groups"].values() for each in group]
    )


def test_every_package_named_for_rasa_has_its_line() -> None:
    lines = (ROOT / "nlu/rasa/requirements.in").read_text(encoding="utf-8").splitlines()
    named = _required([line for line in lines if line and not line.startswith("#")])

    assert named - _named_packages("Rasa's own environment") == set()


def test_every_setting_has_its_line() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `((?:WIJKVERHAAL|TELEGRAM)_[A-Z_]+)`", page, re.MULTILINE))
    settings = (ROOT / "app" / "settings.py").read_text(encoding="utf-8")
    logs = (ROOT / "app" / "logs.py").read_text(encoding="utf-8")
    making_rasa = (ROOT / "nlu" / "rasa_environment.py").read_text(encoding="utf-8")

    assert described == set(ENVIRONMENT_NAME.findall(settings + logs + making_rasa))


def test_every_command_has_its_line() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    commands = {
        str(command.name or command.callback.__name__)
        for command in command_line.registered_commands
        if command.callback
    }
    for group in command_line.registered_groups:
        assert group.typer_instance is not None
        commands |= {
            f"{group.name} {each.name or each.callback.__name__}"
            for each in group.typer_instance.registered_commands
            if each.callback
        }

    groups = {group.name for group in command_line.registered_groups}
    rows = set(re.findall(r"^\| `wijkverhaal (\w+(?: [\w-]+)?)", page, re.MULTILINE))
    assert rows - groups == commands


def test_the_small_form_in_the_documents_can_be_used() -> None:
    page = (ROOT / "docs" / "forms.md").read_text(encoding="utf-8")
    table = page.partition("## A small form\n\n```\n")[2].partition("```")[0]

    form = load_form(Path("small.md"), text=table)

    assert [question.path for question in form.questionnaire.questions] == [
        "agree", "goodbye", "home/happy", "home/better",
    ]  # fmt: skip # read as one list of words


def test_the_documents_list_the_functions_of_expressions() -> None:
    page = (ROOT / "docs" / "forms.md").read_text(encoding="utf-8")
    part = page.partition("and these functions:\n")[2].partition("Days begin")[0]

    assert re.findall(r"`([^`]+)`", part) == sorted(FUNCTIONS)


def test_the_glossary_has_every_word_of_the_domain() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    explained = {
        word for cell in re.findall(r"^\| ([^|]+) \|", glossary, re.MULTILINE) for word in cell.split(", ")
    }
    sources = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "domain").glob("*.py"))]
    words = {word for source in sources for word in re.findall(r"^class (\w+)", source, re.MULTILINE)}

    assert words - explained == set()


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    articles = [int(number) for number in re.findall(r"^(\d+)\. [A-Z]", text, re.MULTILINE)]

    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
    assert articles == list(range(1, 16))
    assert "\n‘Compatible Licences’ according to Article 5 EUPL are:\n" in text
