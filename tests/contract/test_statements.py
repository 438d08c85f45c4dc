"""A statement is compiled when it is first run; that each of them can be is told here, and not by whoever needs it first."""

import pytest

from storage import Store
from storage.statements import Statement


def statements(of: object) -> list[Statement]:
    """Every statement that a thing of ours has ready, however deep."""
    if isinstance(of, Statement):
        return [of]
    if isinstance(of, tuple | list):
        return [each for part in of for each in statements(part)]
    if isinstance(of, dict):
        return statements(list(of.values()))
    if type(of).__module__.startswith("storage.") and hasattr(of, "__dict__"):
        return statements(vars(of))
    return []


def test_every_statement_of_a_store_can_be_compiled(store: Store) -> None:
    found = statements(store)
    assert len(found) > 300
    assert all(each.sql for each in found)


def test_a_statement_says_what_it_does_not_have(store: Store) -> None:
    with pytest.raises(AttributeError, match="colour"):
        _ = statements(store)[0].colour
