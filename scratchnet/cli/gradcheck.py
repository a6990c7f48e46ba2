"""The command `scratchnet gradcheck`: is a hand-written gradient right?

Read next: learn.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scratchnet.cli.options import Json, Seed


def gradcheck_command(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="CELL...", help="lstm, gru, ..., or files, notebooks, folders; or file.py:Name."),
    ],
    seed: Seed = 0,
    as_json: Json = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write it to this file or folder, too, as pages.")] = None,
    limit: Annotated[float, typer.Option("--time-limit", min=0, help="Seconds that a file may take; 0: any.")] = 60.0,
    harness: Annotated[Path | None, typer.Option(help="A file that says how CELL, any code, is to be checked.")] = None,
    full: Annotated[bool, typer.Option(help="Everything that was found, not only the first screen.")] = False,
    hint: Annotated[int, typer.Option(min=0, max=5, help="1: symptom, 2: place, 3: equation, 4: line, 5: cure.")] = 0,
    fix: Annotated[bool, typer.Option(help="Write the mended copy beside the file.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write one row a file to this file, too.")] = None,
    verdict_only: Annotated[bool, typer.Option(help="Right or wrong, without line and cure: for an exam.")] = False,
    workers: Annotated[int, typer.Option(min=0, help="How many files at a time; 0: as many as there are cores.")] = 0,
    write_harness: Annotated[Path | None, typer.Option(help="Save the harness that is written for CELL here.")] = None,
) -> int:
    """Prove a backward right, or say which line is wrong, and what should stand there.

    CELL is one of the library's; a file with a class that has its contract; a file with a harness in it, which says
    what goes into any code, what the loss is and what the gradients are; or any file with a forward and a backward, for
    which a harness is written. Several files, notebooks and folders are checked side by side, a row each:
    docs/class_of_thirty.md. A file given here is executed, with your rights, as if you had run it yourself.
    """
    from rich.console import Console

    from scratchnet.gradcheck import run

    return run(
        targets,
        seed=seed,
        as_json=as_json,
        console=Console(),
        html=html,
        limit=limit,
        harness=harness,
        full=full,
        hint=hint,
        fix=fix,
        csv=csv,
        verdict_only=verdict_only,
        workers=workers,
        write_harness=write_harness,
    )
