"""What every test file gets: a seeded generator, and property-based tests without a clock."""

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("scratchnet", deadline=None, print_blob=True)
settings.load_profile("scratchnet")


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same for each test at each run."""
    return np.random.default_rng(20260)
