"""What every test file gets: a seeded generator, and property-based tests without a clock."""

import os
from pathlib import Path

# The arrays here are tiny: a second BLAS thread would only wait, and disturb whatever else the machine does.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings

# A process that a test starts reads the files of this checkout, too, and not an installed copy.
HERE = Path(__file__).resolve().parent
PATHS = [str(HERE.parent), str(HERE), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(PATHS))

settings.register_profile("scratchnet", deadline=None, print_blob=True)
settings.load_profile("scratchnet")


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same for each test at each run."""
    return np.random.default_rng(20260)
