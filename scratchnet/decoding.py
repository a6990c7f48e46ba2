"""Decoding: the trained model writes a sentence, reading its own words back.

Greedy search takes the likeliest word at each step. Beam search (Sutskever, Vinyals and Le 2014, section 3.2) keeps the
`beam` likeliest beginnings; one that takes END is complete, leaves the beam for good and takes its place with it. So
a beam of 1 is greedy search, and a beam as wide as the number of possible sentences is exhaustive search.

Scores are log-probabilities in nats, END included, divided by length ** length_penalty when sentences are compared:
0 prefers short sentences, 1 compares by mean (Wu et al. 2016 discuss the choices between).

Read next: optim.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.backend import Array
from scratchnet.data import END, PAD, START, Batch, Sources
from scratchnet.errors import InputError
from scratchnet.functions import log_softmax
from scratchnet.parameters import check_sizes
from scratchnet.recurrent import select_rows
from scratchnet.seq2seq import Seq2Seq

NEVER_WRITTEN = (PAD, START)


@dataclass(frozen=True)
class Hypothesis:
    """A sentence that the model wrote.

    ids: its words, without START and END. log_probability: of these words, and of END if complete, in nats.
    complete: False when the length limit came before END. score: what sentences were compared by.
    """

    ids: tuple[int, ...]
    log_probability: float
    complete: bool
    score: float


def greedy_search(model: Seq2Seq, sources: Sources, max_length: int = 100) -> list[Hypothesis]:
    """Return the greedy translation of each source sentence, in the order in which they were given.

    At most `max_length` words are written. Raises InputError for a limit below one.
    """
    check_sizes(max_length=max_length)
    sources = sources.to(model.backend)
    states, tape = model.encode(sources), model.decoder.new_tape()
    found: list[Any] = [None] * len(sources.order)
    live = sources.order  # the sentences that are not at their end yet
    ids, totals = np.full(len(live), START), np.zeros(len(live))
    written = np.empty((len(live), 0), dtype=ids.dtype)
    for step in range(max_length + 1):
        logits, states = model.step(model.backend.asarray(ids), states, tape)
        log_p, words = _best_words(model, logits, 1)
        ended, last = words[:, 0] == END, step == max_length
        for row in np.flatnonzero(ended | last):
            total = totals[row] + log_p[row, 0] if ended[row] else totals[row]
            score = total / (step + 1)
            found[live[row]] = Hypothesis(tuple(written[row].tolist()), float(total), bool(ended[row]), float(score))
        if last or ended.all():
            break
        on = np.flatnonzero(~ended)
        ids, totals, live = words[on, 0], totals[on] + log_p[on, 0], live[on]
        written = np.concatenate([written[on], words[on]], axis=1)
        if ended.any():
            states = select_rows(states, model.backend.asarray(on))
    return found


def beam_search(
    model: Seq2Seq, sources: Sources, beam: int = 5, max_length: int = 100, length_penalty: float = 1.0
) -> list[Hypothesis]:
    """Return the best translation of each source sentence found with `beam` beginnings kept at each step.

    All sentences of the batch run side by side; each one's result depends on itself alone. A sentence of which no
    complete translation was found within `max_length` words gets its best incomplete one.
    Raises InputError for a beam or a limit below one, or a negative length penalty.
    """
    found = nbest_search(model, sources, beam, max_length, length_penalty)
    return [hypotheses[0] for hypotheses in found]


def nbest_search(
    model: Seq2Seq, sources: Sources, beam: int = 5, max_length: int = 100, length_penalty: float = 1.0
) -> list[list[Hypothesis]]:
    """Return for each source sentence its complete translations, best first (or its incomplete ones, if none)."""
    check_sizes(beam=beam, max_length=max_length)
    if length_penalty < 0:
        raise InputError(f"length penalty is {length_penalty!r}: it must be at least 0")
    sources = sources.to(model.backend)
    states, tape = model.encode(sources), model.decoder.new_tape()
    searches = [_Search(beam, length_penalty) for _ in sources.order]
    ids = np.full(len(searches), START)
    for step in range(max_length + 1):
        logits, states = model.step(model.backend.asarray(ids), states, tape)
        log_p, words = _best_words(model, logits, beam)
        parents: list[int] = []
        next_ids: list[int] = []
        start = 0
        for search in searches:  # the live rows of one sentence stand together, in the sentences' order
            if not search.live:
                continue
            stop = start + len(search.live)
            for row, word in search.advance(log_p[start:stop], words[start:stop], last=step == max_length):
                parents.append(start + row)
                next_ids.append(word)
            start = stop
        if not parents:
            break
        ids = np.array(next_ids)
        states = select_rows(states, model.backend.asarray(np.array(parents)))  # each row's parent's
    results: list[Any] = [None] * len(searches)
    for place, search in zip(sources.order, searches, strict=True):
        results[int(place)] = search.results()
    return results


def log_probabilities(model: Seq2Seq, batch: Batch) -> np.ndarray[Any, Any]:
    """Return log p(target | source) in nats for each pair of the batch, (B,), END included, in the order given.

    The target is forced, not searched for: what a search returns must score exactly the same here.
    """
    batch = batch.to(model.backend)
    states = model.encode(batch.sources)
    initial = select_rows(states, batch.context_rows)
    logits, _ = model.decoder.forward(batch.inputs, batch.packing, initial)
    rows = model.backend.xp.arange(batch.tokens)
    chosen = model.backend.to_numpy(log_softmax(logits)[rows, batch.targets]).astype(np.float64)
    totals = np.zeros(batch.sentences)
    np.add.at(totals, batch.order[batch.packing.sequence_of_row], chosen)
    return totals


class _Search:
    """The beam of one sentence: live beginnings, and complete sentences that left it."""

    def __init__(self, beam: int, length_penalty: float) -> None:
        self.beam, self.length_penalty = beam, length_penalty
        self.live: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
        self.complete: list[Hypothesis] = []
        self.incomplete: list[Hypothesis] = []

    def advance(self, log_p: Any, words: Any, last: bool) -> list[tuple[int, int]]:
        """Grow every live beginning by its candidate words (rows, k); return (row, word) of those that live on."""
        candidates = [
            (self.live[row][1] + float(log_p[row, k]), row, int(words[row, k]))
            for row in range(len(self.live))
            for k in range(words.shape[1])
            if log_p[row, k] > -np.inf
        ]
        candidates.sort(key=lambda candidate: -candidate[0])  # stable: ties keep the order of rows, then of words
        candidates = candidates[: self.beam - len(self.complete)]
        grown: list[tuple[tuple[int, ...], float]] = []
        chosen: list[tuple[int, int]] = []
        for total, row, word in candidates:
            ids, before = self.live[row]
            if word == END:
                self.complete.append(self._hypothesis(ids, total, True))
            elif last:
                cut_off = self._hypothesis(ids, before, False)
                if cut_off not in self.incomplete:  # every word but END that could follow would add it again
                    self.incomplete.append(cut_off)
            else:
                grown.append(((*ids, word), total))
                chosen.append((row, word))
        self.live = grown
        return chosen

    def _hypothesis(self, ids: tuple[int, ...], total: float, complete: bool) -> Hypothesis:
        score = total / (len(ids) + 1) ** self.length_penalty
        return Hypothesis(ids, total, complete, score)

    def results(self) -> list[Hypothesis]:
        """Return what was found, best first."""
        return sorted(self.complete or self.incomplete, key=lambda hypothesis: -hypothesis.score)


def _best_words(model: Seq2Seq, logits: Array, beam: int) -> tuple[Any, Any]:
    """Return for each row the log-probabilities and ids of its `beam` likeliest words, on the host, (rows, beam).

    The logits are overwritten.
    """
    xp = model.backend.xp
    rows, count = xp.arange(logits.shape[0])[:, None], min(beam, logits.shape[1])
    kept = [logits[:, word].copy() for word in NEVER_WRITTEN]
    for word in NEVER_WRITTEN:
        logits[:, word] = -np.inf
    if count == 1:
        words = logits.argmax(axis=1)[:, None]
    elif count == logits.shape[1]:
        words = xp.argsort(-logits, axis=1)
    else:
        words = xp.argpartition(-logits, count, axis=1)[:, :count]
    picked = logits[rows, words]
    for word, column in zip(NEVER_WRITTEN, kept, strict=True):
        logits[:, word] = column  # a probability is a share of all words, those never written included
    picked = picked - model.backend.softmax_rows(logits)[:, None]
    return model.backend.to_numpy(picked).astype(np.float64), model.backend.to_numpy(words)
