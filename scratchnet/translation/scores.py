"""Evaluation: how good a translator is, in numbers that mean something.

Two kinds stand side by side and must not be confused. Teacher-forced: `loss`, in nats per target token (END counted),
and `perplexity`, its exponential, where the decoder reads the true previous words. Free-running: `bleu`, `chrf` and
`exact_match`, where it must live with its own.

BLEU (Papineni et al. 2002) and chrF2 (Popovic 2015) come from sacreBLEU (Post 2018), over the whole corpus, with their
signatures. All different targets of a source are references for its one translation. BLEU's tokenization is "intl": the
usual "13a" splits ASCII punctuation only and would leave the danda glued to its word, so that a missing "।" would
cost a word.

Read next: ../training/__init__.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from scratchnet.data import Ids, Pair, bucketed_batches, group_references, normalise
from scratchnet.errors import InputError
from scratchnet.seq2seq import Seq2Seq
from scratchnet.translation.translator import Translation, Translator


def evaluate(
    translator: Translator,
    pairs: Sequence[Pair],
    *,
    beam: int = 1,
    batch_size: int = 128,
    max_length: int = 100,
    length_penalty: float = 1.0,
    look: Callable[[Sequence[Translation]], None] | None = None,
) -> dict[str, Any]:
    """Return the scores of a translator on (source, target) pairs. look: is handed the translations.

    Keys: loss (nats per target token over all pairs), perplexity, bleu and chrf (0 to 100), exact_match (share of the
    distinct sources whose translation equals one of their targets), tokens (counted in the loss), sentences (distinct
    sources), signature (of both scores).
    Raises InputError for no pairs and for one with a blank side.
    """
    from sacrebleu.metrics.bleu import BLEU  # takes a while to import, and only this function needs it
    from sacrebleu.metrics.chrf import CHRF

    encoded = [translator.encode_pair(pair) for pair in pairs]
    if not pairs:
        raise InputError("there are no pairs to evaluate on; hand in at least one")
    for number, (source_ids, target_ids) in enumerate(encoded, start=1):
        if not source_ids or not target_ids:
            raise InputError(f"pair {number}, {pairs[number - 1]!r:.60}, has a blank side; leave it out")
    loss, tokens = teacher_forced_loss(translator.model, encoded, batch_size)
    groups = group_references(pairs)
    translations = translator.translate(
        [source for source, _ in groups],
        beam=beam,
        max_length=max_length,
        length_penalty=length_penalty,
        batch_size=batch_size,
    )
    if look is not None:
        look(translations)
    written = [translation.text for translation in translations]
    references = [targets for _, targets in groups]
    most = max(map(len, references))
    streams: Any = [[targets[k] if k < len(targets) else None for targets in references] for k in range(most)]
    lowercase = translator.target_vocabulary.lowercase
    bleu, chrf = BLEU(tokenize="intl", lowercase=lowercase), CHRF(lowercase=lowercase)
    bleu_score, chrf_score = bleu.corpus_score(written, streams).score, chrf.corpus_score(written, streams).score
    return {
        "loss": loss,
        "perplexity": perplexity(loss),
        "bleu": float(bleu_score),
        "chrf": float(chrf_score),
        "exact_match": exact_match(written, references, lowercase),
        "tokens": tokens,
        "sentences": len(groups),
        "signature": f"BLEU|{bleu.get_signature()} chrF2|{chrf.get_signature()}",
    }


def teacher_forced_loss(model: Seq2Seq, pairs: Sequence[tuple[Any, Ids]], batch_size: int) -> tuple[float, int]:
    """Return the mean loss of pairs of ids in nats per target token, END counted, and the number of tokens.

    The decoder reads the true previous words; dropout and label smoothing are off.
    """
    total, tokens, tape = model.backend.asarray(0.0), 0, model.new_tape()
    for batch in bucketed_batches(pairs, batch_size):
        model.forward(batch.to(model.backend), tape)
        total = total + tape.loss.nll.astype("float64") * batch.tokens
        tokens += batch.tokens
    return float(model.backend.to_numpy(total)) / tokens, tokens


def exact_match(written: Sequence[str], references: Sequence[Sequence[str]], lowercase: bool = False) -> float:
    """Return the share, 0 to 1, of texts that equal one of their references, spaces and Unicode form normalised."""
    hits = 0
    for text, targets in zip(written, references, strict=True):
        wanted = {normalise(target.lower() if lowercase else target) for target in targets}
        hits += normalise(text) in wanted
    return hits / len(written)


def perplexity(loss: float) -> float:
    """Return exp(loss), infinite where that overflows."""
    return math.exp(loss) if loss < 700.0 else math.inf
