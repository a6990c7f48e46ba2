"""The command `scratchnet corpus`: the pairs of an embedded corpus.

Read next: bench.py.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from scratchnet.errors import InputError


def corpus_command(
    name: Annotated[str, typer.Argument(help="en-hi or en-mr.")],
    split: Annotated[str, typer.Option(help="train, validation, test or all.")] = "train",
) -> int:
    """Print the pairs of an embedded corpus that a model learns from, one `English TAB translation` a line.

    --split test prints the sentences that combine words as training never does.
    """
    from scratchnet.data import load_corpus

    found = load_corpus(name)
    parts = {"train": found.train, "validation": found.validation, "test": found.test, "all": found.pairs}
    if split not in parts:
        raise InputError(f"unknown split {split!r}: choose one of {', '.join(parts)}")
    sys.stdout.writelines(f"{source}\t{target}\n" for source, target in parts[split])
    return 0
