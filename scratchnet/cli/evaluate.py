"""The command `scratchnet evaluate`: the scores of a trained model on pairs of sentences.

Read next: gradcheck.py.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from scratchnet.cli.options import (
    BackendName,
    Beam,
    Columns,
    Json,
    MaxBadShare,
    MaxLength,
    Run,
    Threads,
    Verbose,
    load_run,
    parse_columns,
    warn,
)
from scratchnet.cli.sentence_warnings import SentenceWarnings
from scratchnet.translation import Translation


def evaluate_command(
    run: Run,
    pairs: Annotated[str, typer.Argument(metavar="PAIRS", help="A tab-separated file, or a corpus: its test part.")],
    beam: Beam = 1,
    max_length: MaxLength = 100,
    columns: Columns = "1,2",
    max_bad_share: MaxBadShare = 0.05,
    verbose: Verbose = False,
    backend: BackendName = "numpy",
    threads: Threads = None,
    as_json: Json = False,
) -> int:
    """Score a model: loss and perplexity with teacher forcing; BLEU, chrF2 and exact match of what it writes alone.

    Several translations of one source sentence count as references of it.
    """
    from scratchnet.data import CORPORA, load_corpus, read_pairs
    from scratchnet.translation import evaluate as score

    translator = load_run(run, backend, threads)
    if pairs in CORPORA and not Path(pairs).exists():
        print(f"making the corpus {pairs}, which takes some seconds", file=sys.stderr)
        found: Sequence[tuple[str, str]] = load_corpus(pairs).test
    else:
        found = read_pairs(pairs, columns=parse_columns(columns), max_bad_share=max_bad_share, warn=warn)
        _warn_if_trained_on(run, Path(pairs))
    warnings = SentenceWarnings(max_length, at_once=verbose)

    def look(translations: Sequence[Translation]) -> None:
        for translation in translations:
            warnings.add(translation, translation.source, known=True)

    scores = score(translator, found, beam=beam, max_length=max_length, look=look)
    warnings.summarise()
    if as_json:
        print(json.dumps(scores, ensure_ascii=False))
    else:
        for name, value in scores.items():
            print(f"{name:12} {value:.4f}" if isinstance(value, float) else f"{name:12} {value}")
    return 0


def _warn_if_trained_on(run: Path, pairs: Path) -> None:
    """Say so when the file is the one that the model was trained on: its scores are then no measure of anything new."""
    from scratchnet.training import file_digest

    try:
        trained_on = json.loads((run / "data.json").read_text(encoding="utf-8")).get("sha256")
    except (OSError, ValueError, AttributeError):
        return
    name = "test.tsv" if (run / "test.tsv").exists() else "validation.tsv"
    if trained_on == file_digest(pairs):
        warn(f"{pairs} is the file this model was trained on; what it never saw is in {run / name}")
