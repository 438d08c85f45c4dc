"""What holds for every test: no clock decides whether one passes, and no dice either."""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.acceptance.telegram_stories", "tests.acceptance.telegram_residents")

# A busy machine is no failure, and the same commit gives the same result. WIJKVERHAAL_EXPLORE=1 looks for new examples.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not os.environ.get("WIJKVERHAAL_EXPLORE"),
)
settings.load_profile("any machine")
