"""The command `scratchnet bench`: how fast a training step is, beside PyTorch's and beside its matrix products alone.

Read next: info.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from scratchnet.errors import InputError

USUAL = ("small", "medium", "large", "ragged", "decode", "real")


def bench_command(
    cases: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CASE]...", help="small, medium, large, ragged, decode, real, paper; all but the last."
        ),
    ] = None,
    cell: Annotated[list[str] | None, typer.Option(help="lstm or gru; may be repeated; both by default.")] = None,
    backend: Annotated[
        list[str] | None, typer.Option(help="numpy, numba; may be repeated; those installed by default.")
    ] = None,
    threads: Annotated[list[int] | None, typer.Option(min=1, help="May be repeated; all cores by default.")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="How many blocks of steps each implementation times.")] = 9,
    seconds: Annotated[float, typer.Option(min=0.01, help="How long a block takes, about.")] = 1.0,
    quick: Annotated[bool, typer.Option("--quick", help="Three short blocks each.")] = False,
    data: Annotated[Path | None, typer.Option(help="A file of sentence pairs for the case `real`.")] = None,
    results: Annotated[
        Path | None, typer.Option(help="A file that the measurements are added to; all in it are shown.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> int:
    """Time a training step (forward, backward, clip, Adam) side by side with PyTorch's, in target tokens a second.

    Each implementation runs in a process of its own, and they take turns. Before, their gradients are compared.
    """
    from scratchnet import bench
    from scratchnet.backend import allowed_cores

    cells = check_cells(cell or ["lstm", "gru"])
    backends = check_backends(backend)
    found = find_cases(cases, data)
    if results is not None and not results.parent.is_dir():
        raise InputError(f"{results}: there is no folder {results.parent} to write to")
    kept = bench.Results(results)
    torch = bench.torch_installed()
    if not torch:
        say("PyTorch is not installed, so only this library and its products are timed; to compare: pip install torch")
    effort = bench.QUICK if quick else bench.Effort(repeats, seconds)
    for case in found:
        for one in cells:
            for count in threads or [allowed_cores()]:
                say(f"{case.name}, {one}, {count} threads ...")
                result = bench.measure_case(case, one, count, backends, torch, effort)
                kept.add([result])
                say(bench.summary(result))
    starters = [
        name for name in (*backends, bench.TORCH) if name not in kept.start_seconds and (torch or name != bench.TORCH)
    ]
    kept.start_seconds |= bench.start_seconds(starters, repeats=1 if quick else 3)
    kept.save()
    if as_json:
        print(json.dumps(kept.to_json()))
    else:
        show(kept)
    return 0


def show(kept: Any) -> None:
    """Print all tables."""
    from rich.console import Console

    from scratchnet.bench import tables

    console = Console()
    console.width = max(console.width, 130) if not console.is_terminal else console.width  # a file has no width
    for title, table in tables(kept).items():
        console.print(title, style="bold")
        console.print(table.on_screen(), "")


def find_cases(names: list[str] | None, data: Path | None) -> list[Any]:
    """Return the cases of these names, or the usual ones; say which of these is left out because its data is absent."""
    from scratchnet.bench import find_case

    if names:
        return [find_case(name, data) for name in dict.fromkeys(names)]
    found = []
    for name in USUAL:
        try:
            found.append(find_case(name, data))
        except InputError as error:
            if data is not None:
                raise
            say(f"left out: {error}")
    return found


def check_cells(names: list[str]) -> list[str]:
    """Return the cells' names without repetitions; raise InputError for one that PyTorch does not have."""
    from scratchnet.bench import CELL_NAMES

    for name in names:
        if name not in CELL_NAMES:
            raise InputError(f"unknown cell {name!r}: the benchmark knows {', '.join(CELL_NAMES)}")
    return list(dict.fromkeys(names))


def check_backends(names: list[str] | None) -> list[str]:
    """Return the backends' names, or those that can run on the CPU here. Raises InputError for one that cannot."""
    from scratchnet.backend import get_backend
    from scratchnet.bench import cpu_backends

    if not names:
        return cpu_backends()
    for name in names:
        if name == "cupy":
            raise InputError("--backend cupy: this benchmark times the processor; name numpy or numba")
        if get_backend(name).name != name:
            raise InputError(f"--backend {name}: name one backend, such as {get_backend(name).name}")
    return list(dict.fromkeys(names))


def say(line: str) -> None:
    """Print a line on standard error."""
    print(line, file=sys.stderr)
