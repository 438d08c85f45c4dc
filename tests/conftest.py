"""What holds for every test: no clock decides whether one passes."""

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.acceptance.telegram_stories", "tests.acceptance.telegram_residents")

# A busy machine is no failure.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
