"""A training from its first line on standard error to the scores of its test: the same for a new and a resumed run.

Read next: config.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scratchnet.data import END, Pair, group_references, replace_file
from scratchnet.training.config import TrainingConfig
from scratchnet.training.fit import fit
from scratchnet.training.progress import Progress
from scratchnet.training.result import TrainingResult
from scratchnet.training.run_folder import TEST_SCORES
from scratchnet.training.training_data import TrainingData
from scratchnet.training.validation import spread
from scratchnet.translation import CheckpointError, Translator, evaluate


def run(
    translator: Translator,
    data: TrainingData,
    config: TrainingConfig,
    out: Path | None,
    progress: Progress,
    *,
    resume: bool,
    threads: int | str | None = None,
) -> TrainingResult:
    """Say what there is, train, and score what was held out for a test."""
    describe(translator, data, progress.say)
    console = progress.asked_for
    result = fit(
        translator, data.training, data.validation, config, out, resume=resume, console=console, threads=threads
    )
    test = None
    if data.test and not result.interrupted:
        best = (result.best or {}).get("epoch")
        test = scores_before(out, best) if resume else None
        if test is None:
            progress.say(f"scoring the {len(data.test):,} pairs held out for a test")
            test = {"epoch": best, **evaluate(translator, data.test)}
            test["perplexity"] = test["perplexity"] if math.isfinite(test["perplexity"]) else None  # as JSON wants it
            write_scores(out, test)
        progress.say(
            f"test, with the weights of epoch {best}  loss {test['loss']:.3f}  BLEU {test['bleu']:.1f}"
            f"  chrF2 {test['chrf']:.1f}  exact match {100 * test['exact_match']:.1f} %"
            f" of {test['sentences']:,} sentences"
        )
    return replace(result, test=test, example=example(translator, data.validation), translator=translator)


def scores_before(out: Path | None, epoch: int | None) -> dict[str, Any] | None:
    """Return the scores in the run's folder, None where they are not those of the weights of this epoch."""
    try:
        found = json.loads((out / TEST_SCORES).read_text(encoding="utf-8")) if out is not None else {}
        return found if found["epoch"] == epoch and found["loss"] >= 0 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_scores(out: Path | None, scores: dict[str, Any]) -> None:
    """Write the scores of the test pairs to the run's folder. Raises CheckpointError where the disk refuses."""
    if out is None:
        return
    try:
        replace_file(out / TEST_SCORES, (json.dumps(scores) + "\n").encode())
    except OSError as error:
        raise CheckpointError(f"{out / TEST_SCORES}: cannot be written ({error.strerror or error})") from None


def describe(translator: Translator, data: TrainingData, say: Callable[[str], None]) -> None:
    """Say what was read, and what is trained on it."""
    held_out = f"{len(data.validation):,} held out for validation"
    held_out += f", {len(data.test):,} for a test" if data.test else ""
    everything = len(data.training) + len(data.validation) + len(data.test)
    say(f"{data.name}: {everything:,} pairs, {len(data.training):,} to learn from, {held_out}")
    sources, targets = (
        f"{len(vocabulary) - END - 1:,} {vocabulary.unit}s"
        for vocabulary in (translator.source_vocabulary, translator.target_vocabulary)
    )
    say(f"vocabulary: {sources} of the source, {targets} of the target")
    source, target = spread(data.training, 1)[0]
    say(f"reads: {source}  writes: {target}")
    config, arrays = translator.config, translator.model.parameters().values()
    layers = f"{config.layers} layer{'s' * (config.layers > 1)} of {config.hidden_size} units"
    encoder = ", the encoder in both directions" if config.bidirectional else ""
    size = sum(array.nbytes for array in arrays) / 1e6
    say(
        f"model: {config.cell}, {layers} in encoder and decoder each{encoder}; "
        f"{sum(array.size for array in arrays):,} parameters, {format(size, '.1f' if size > 1 else '.2g')} MB"
    )


def example(translator: Translator, pairs: Sequence[Pair]) -> str:
    """Return a source sentence to try, one of which the model knows every word, if there is one."""
    sources = [source for source, _ in group_references(pairs) if source and not source.startswith("-")]
    known = [source for source in sources if not translator.source_vocabulary.unknown_words(source)]
    return spread(known or sources, 1)[0] if sources else ""
