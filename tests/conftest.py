"""What every test file gets: a seeded generator, property-based tests without a clock, a small run to read."""

import os
from pathlib import Path

# The arrays here are tiny: a second BLAS thread would only wait, and disturb whatever else the machine does.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Text is compared as it is without colours; a test that is about colours asks for them.
os.environ.pop("FORCE_COLOR", None)

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


@pytest.fixture(scope="session")
def pairs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of sentence pairs, with a third column."""
    from commands import PAIRS

    path = tmp_path_factory.mktemp("data") / "pairs.tsv"
    path.write_text("".join(f"{s}\t{t}\tsomeone\n" for s, t in PAIRS), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def run_folder(pairs_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs on these pairs, only to be read."""
    from commands import SMALL, main

    out = tmp_path_factory.mktemp("runs") / "small"
    assert main(["train", str(pairs_file), "--out", str(out), *SMALL]) == 0
    return out
