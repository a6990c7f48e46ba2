"""The command `scratchnet bench`: how fast a training step is, beside PyTorch's and beside its products alone.

Read next: bench/cases.py.
"""

from __future__ import annotations

import json
import shlex
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
    pairs: Annotated[int, typer.Option(min=1, help="How many turns each contestant has.")] = 9,
    seconds: Annotated[float, typer.Option(min=0.01, help="How long a turn is, about.")] = 1.0,
    quick: Annotated[bool, typer.Option("--quick", help="Three short turns.")] = False,
    data: Annotated[Path | None, typer.Option(help="A file of pairs for the case `real`.")] = None,
    results: Annotated[
        Path | None, typer.Option(help="A file to add the measurements to; all in it are shown.")
    ] = None,
    write: Annotated[Path | None, typer.Option(help="Write a page in Markdown, such as docs/speed.md.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> int:
    """Time a training step (forward, backward, clip, Adam) side by side with PyTorch's, in target tokens a second.

    Everyone works in a process of their own, and they take turns. Before, gradients are compared.
    """
    from scratchnet.bench.machine import cores, start_seconds
    from scratchnet.bench.measure import QUICK, Effort, measure
    from scratchnet.bench.page import page
    from scratchnet.bench.results import Results
    from scratchnet.bench.table import in_short
    from scratchnet.bench.torch_peer import torch_is_there
    from scratchnet.bench.worker import TORCH

    cells = check_cells(cell or ["lstm", "gru"])
    backends = check_backends(backend)
    found = find_cases(cases, data)
    for file in (results, write):
        if file is not None and not file.parent.is_dir():
            raise InputError(f"{file}: there is no folder {file.parent} to write to")
    kept = Results(results)
    torch = torch_is_there()
    if not torch:
        say("PyTorch is absent, so only this library and its products are timed; to compare: pip install torch")
    effort = QUICK if quick else Effort(pairs, seconds)
    for case in found:
        for one in cells:
            for count in threads or [cores()]:
                say(f"{case.name}, {one}, {count} threads ...")
                result = measure(case, one, count, backends, torch, effort)
                kept.add([result])
                say(in_short(result))
    starters = [name for name in (*backends, TORCH) if name not in kept.start_seconds and (torch or name != TORCH)]
    kept.start_seconds |= start_seconds(starters, repeats=1 if quick else 3)
    kept.save()
    if write is not None:
        options: dict[str, Any] = {"cell": cell, "backend": backend, "threads": threads, "quick": quick, "data": data}
        options |= {"pairs": pairs, "seconds": seconds} if not quick else {}
        write.write_text(page(kept, command_line(cases or [], options | {"write": write})), encoding="utf-8")
    if as_json:
        print(json.dumps(kept.to_json()))
    else:
        show(kept)
    return 0


def command_line(cases: list[str], options: dict[str, Any]) -> str:
    """Return the command that has these cases and options; what is None or False is left out."""
    words = ["scratchnet", "bench", *cases]
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            if one is True:
                words.append(f"--{name}")
            elif one is not None and one is not False:
                words += [f"--{name}", str(one)]
    return shlex.join(words)


def show(kept: Any) -> None:
    """Print all tables."""
    from rich.console import Console

    from scratchnet.bench.table import tables

    console = Console()
    console.width = max(console.width, 130) if not console.is_terminal else console.width  # a file has no width
    for title, table in tables(kept.in_order(), kept.start_seconds):
        console.print(title, style="bold")
        console.print(table.on_screen(), "")


def find_cases(names: list[str] | None, data: Path | None) -> list[Any]:
    """Return the cases of these names, or the usual ones, of which one whose data is absent is left out, saying so."""
    from scratchnet.bench.cases import find_case

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
    """Return the cells' names, or raise InputError for one that PyTorch lacks, or nobody knows."""
    from scratchnet.bench.cases import CELL_NAMES

    for name in names:
        if name not in CELL_NAMES:
            raise InputError(f"unknown cell {name!r}: the benchmark knows {', '.join(CELL_NAMES)}")
    return list(dict.fromkeys(names))


def check_backends(names: list[str] | None) -> list[str]:
    """Return the backends' names, or those that can run on the CPU here. Raises InputError for one that cannot."""
    from scratchnet.backend import available_backends, get_backend

    if not names:
        return [name for name, state in available_backends().items() if state.startswith("ready") and name != "cupy"]
    for name in names:
        if name == "cupy":
            raise InputError("--backend cupy: this benchmark times the processor; name numpy or numba")
        if get_backend(name).name != name:
            raise InputError(f"--backend {name}: name one backend, such as {get_backend(name).name}")
    return list(dict.fromkeys(names))


def say(line: str) -> None:
    """Print a line on standard error."""
    print(line, file=sys.stderr)
