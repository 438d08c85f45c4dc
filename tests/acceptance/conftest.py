"""One running assistant for all tests of a worker that do not start, stop or count anything of their own."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.acceptance.running import Assistant, Resident, running_assistant
from tests.acceptance.test_main_job import Before


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with running_assistant(tmp_path_factory.mktemp("shared")) as running:
        yield running


NUMBERS = count()


@pytest.fixture
def new_resident(assistant: Assistant) -> Callable[..., Resident]:
    """Somebody nobody has met."""

    def make(**how: str) -> Resident:
        return Resident(assistant, f"resident-{next(NUMBERS)}", **how)

    return make


@pytest.fixture
def before(assistant: Assistant) -> Before:
    return Before(assistant)
