"""docs/privacy.md says what follows from the declarations, and nothing is kept that is not declared."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from domain.retention import KEEP_RULES
from storage.columns import Encrypted
from storage.privacy import KEPT, OTHER_RULES, Kept, Subject, how_long
from storage.privacy_page import privacy_page
from storage.schema import metadata

PAGE = Path(__file__).parents[3] / "docs" / "privacy.md"


def test_every_table_is_declared_and_nothing_that_is_no_table() -> None:
    assert set(KEPT) == set(metadata.tables)


def test_page_is_what_the_declarations_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == privacy_page(), (
        "python -m storage.privacy_page docs/privacy.md"
    )


@pytest.mark.parametrize("table", sorted(KEPT))
def test_declaration_says_what_why_how_long_and_who_sees_it(table: str) -> None:
    declared = KEPT[table]
    assert all((declared.what, declared.why, declared.seen_by))
    assert declared.keep in {*KEEP_RULES, *OTHER_RULES}
    columns = {column.info["privacy"] for column in metadata.tables[table].columns} - {"technical"}
    if declared.subject is Subject.NOBODY:
        assert columns <= {"personal"}, "who of the staff did it, at most"


def test_every_rule_is_used_and_told() -> None:
    page = privacy_page()
    assert {declared.keep for declared in KEPT.values()} >= {*OTHER_RULES}
    assert all(f"| `{name}` |" in page for name in KEEP_RULES)


def test_what_is_encrypted_is_said_to_be() -> None:
    found = [line.count("(encrypted)") for line in privacy_page().splitlines() if line.startswith("| ")]
    columns = [column for table in metadata.tables.values() for column in table.columns]
    assert sum(found) == sum(isinstance(column.type, Encrypted) for column in columns)


def test_table_that_nobody_declared_stops_the_page() -> None:
    other = sa.MetaData()
    sa.Table("diary", other, sa.Column("words", sa.Text(), info={"privacy": "sensitive"}))

    with pytest.raises(KeyError, match="diary"):
        privacy_page(other)


def test_column_that_nobody_declared_stops_the_page() -> None:
    other = sa.MetaData()
    sa.Table("diary", other, sa.Column("words", sa.Text()))

    with pytest.raises(KeyError, match="privacy"):
        privacy_page(other, {"diary": Kept(Subject.RESIDENT, "x", "x", "person", "x")})


def test_rule_that_is_none_has_no_sentence() -> None:
    with pytest.raises(KeyError):
        how_long("for ever")
