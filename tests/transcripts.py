"""Ten pieces of homework with one mistake each, and what `scratchnet gradcheck` says: docs/transcripts.md.

python tests/transcripts.py         writes the page, 20 seconds
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from test_gradcheck_textbook import SLIPS, Slip, learners

PAGE = Path(__file__).parent.parent / "docs" / "transcripts.md"
TOP = """\
# Ten pieces of homework, each with one mistake

Ten networks as learners write them: padded, masked, one sentence at a time, columns for rows, caches in tuples and in
`self`, gates in any order, weights transposed or stacked, names of their own. The files are those in `tests/learners/`;
in each, one line is made wrong. Below is what `scratchnet gradcheck` prints, as it stands. This page is written by
`python tests/transcripts.py`. What homework may look like is said in [checking_homework.md](checking_homework.md).
"""
COUNT = 10


def chosen() -> dict[str, Slip]:
    """Return the first slip of each file, ten files."""
    found: dict[str, tuple[str, Slip]] = {}
    for name, slip in SLIPS.items():
        found.setdefault(slip.file, (name, slip))
    return dict(list(found.values())[:COUNT])


def transcript(slip: Slip, folder: Path) -> str:
    """Return what the command prints about a file with this slip in it."""
    file = folder / slip.file
    file.write_text(learners(slip.file).replace(slip.right, slip.wrong), "utf-8")
    target = f"{file.name}:{slip.pair}" if slip.pair else file.name
    done = subprocess.run(
        [sys.executable, "-m", "scratchnet", "gradcheck", target],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"COLUMNS": "110", "PYTHONPATH": str(PAGE.parent.parent)},
    )
    if done.returncode != 1:
        raise SystemExit(f"{slip.file}: the command ends with {done.returncode}: {done.stderr}")
    return done.stdout.rstrip()


def main() -> None:
    """Write the page."""
    text = TOP
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, slip) in enumerate(chosen().items(), 1):
            said = transcript(slip, Path(folder))
            right = "right" if slip.named in " ".join(said.split()) else "NOT the right name"
            print(f"{number:2} {slip.file:24} {name:36} {right}")
            text += f"\n## {number}. {name[0].upper()}{name[1:]}\n\nIn `{slip.file}`,\n\n"
            text += f"```diff\n- {slip.right}\n+ {slip.wrong}\n```\n\n```console\n{said}\n```\n"
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
