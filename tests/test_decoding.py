"""Greedy and beam search, held to exhaustive search and to forced rescoring.

Words that can be written are UNK (1), END (3), 4 and 5: few enough to try all sentences.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import KINDS, favour, tiny_model

from scratchnet import decoding
from scratchnet.data import END, PAD, START, UNK, Sources, make_batch, make_sources
from scratchnet.decoding import Hypothesis, beam_search, greedy_search, log_probabilities, nbest_search
from scratchnet.errors import InputError
from scratchnet.functions import log_softmax
from scratchnet.recurrent import select_rows
from scratchnet.seq2seq import Seq2Seq

SENTENCES = [[4, 5, 6, 4], [5], [6, 6, 4], [4, 4], [5, 6]]


def all_sentences(model: Seq2Seq, source: list[int], longest: int, length_penalty: float) -> list[Hypothesis]:
    """Return every sentence of at most `longest` words as a hypothesis, best first: exhaustive search."""
    targets = [ids for length in range(longest + 1) for ids in product((UNK, 4, 5), repeat=length)]
    totals = log_probabilities(model, make_batch([source] * len(targets), targets))
    found = [
        Hypothesis(ids, float(total), True, float(total) / (len(ids) + 1) ** length_penalty)
        for ids, total in zip(targets, totals, strict=True)
    ]
    return sorted(found, key=lambda hypothesis: -hypothesis.score)


def write_greedily(model: Seq2Seq, source: list[int], longest: int) -> tuple[int, ...]:
    """Return what one sentence alone becomes, word by word."""
    states, word, written = model.encode(make_sources([source])), START, []
    for _ in range(longest):
        logits, states = model.step(np.array([word]), states)
        word = int(np.argmax(np.where(np.isin(np.arange(logits.shape[1]), (PAD, START)), -np.inf, logits[0])))
        if word == END:
            break
        written.append(word)
    return tuple(written)


@pytest.mark.parametrize("kind", KINDS)
def test_a_beam_of_one_writes_what_a_plain_greedy_loop_writes(kind: str) -> None:
    seen = set()
    for seed in range(5):
        model = favour(tiny_model(seed=seed, **KINDS[kind]), END=-2.0)
        wanted = [write_greedily(model, source, 8) for source in SENTENCES]
        assert [found.ids for found in greedy_search(model, make_sources(SENTENCES), 8)] == wanted
        assert [found.ids for found in beam_search(model, make_sources(SENTENCES), 1, 8)] == wanted
        seen.update(wanted)
    assert len(seen) > 2, "all sentences are alike: this shows nothing"


@pytest.mark.parametrize("length_penalty", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("kind", KINDS)
def test_a_beam_as_wide_as_all_sentences_is_exhaustive_search(kind: str, length_penalty: float) -> None:
    model = tiny_model(**KINDS[kind])
    source = [4, 6, 5]
    wanted = all_sentences(model, source, 3, length_penalty)
    (found,) = nbest_search(model, make_sources([source]), 200, 3, length_penalty)
    assert [hypothesis.ids for hypothesis in found] == [hypothesis.ids for hypothesis in wanted]
    np.testing.assert_allclose([h.score for h in found], [h.score for h in wanted], rtol=1e-10)
    assert all(hypothesis.complete for hypothesis in found)


def test_length_penalties_choose_different_sentences_somewhere() -> None:
    models = [tiny_model(seed=seed) for seed in range(10)]
    best = [[all_sentences(model, [4, 6], 3, penalty)[0].ids for model in models] for penalty in (0.0, 1.0)]
    assert best[0] != best[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_hypothesis_has_the_log_probability_of_its_words_forced(kind: str) -> None:
    longest = 0
    for seed in range(5):
        model = favour(tiny_model(seed=seed, **KINDS[kind]), END=-1.0)
        found = nbest_search(model, make_sources(SENTENCES), beam=4, max_length=6)
        pairs = [(s, h) for s, hypotheses in zip(SENTENCES, found, strict=True) for h in hypotheses if h.complete]
        forced = log_probabilities(model, make_batch([s for s, _ in pairs], [h.ids for _, h in pairs]))
        np.testing.assert_allclose([h.log_probability for _, h in pairs], forced, rtol=1e-10)
        longest = max(longest, *(len(h.ids) for _, h in pairs))
    assert longest > 1, "only short sentences: this shows little"


def test_states_follow_their_beams(monkeypatch: pytest.MonkeyPatch) -> None:
    models = [favour(tiny_model(seed=seed), END=-2.0) for seed in range(8)]
    moves: list[Any] = []

    def gather(states: Any, parents: Any) -> Any:
        moves.append(parents)
        return select_rows(states, parents)

    def stay(states: Any, parents: Any) -> Any:
        return select_rows(states, np.minimum(np.arange(len(parents)), len(states[0]["h"]) - 1))

    def worst_error() -> float:
        errors = []
        for model in models:
            (found,) = nbest_search(model, make_sources([[4, 5, 6]]), beam=4, max_length=6)
            forced = log_probabilities(model, make_batch([[4, 5, 6]] * len(found), [h.ids for h in found]))
            errors += list(np.abs(forced - [h.log_probability for h in found]))
        return max(errors)

    monkeypatch.setattr(decoding, "select_rows", gather)
    assert worst_error() < 1e-10
    assert any(parents[0] != 0 for parents in moves), "no beam moved: this shows nothing"
    monkeypatch.setattr(decoding, "select_rows", stay)
    assert worst_error() > 0.01


@pytest.mark.parametrize("beam", [1, 3])
def test_a_translation_depends_neither_on_its_batch_nor_on_the_order(beam: int) -> None:
    model = tiny_model(seed=4)
    together = beam_search(model, make_sources(SENTENCES), beam, 7)
    alone = [beam_search(model, make_sources([source]), beam, 7)[0] for source in SENTENCES]
    backwards = beam_search(model, make_sources(SENTENCES[::-1]), beam, 7)[::-1]
    assert [found.ids for found in together] == [found.ids for found in alone] == [found.ids for found in backwards]
    np.testing.assert_allclose([f.score for f in together], [f.score for f in alone], rtol=1e-10)


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 6))
def test_a_finished_sentence_never_grows_again_and_comes_once(seed: int, beam: int, longest: int) -> None:
    (found,) = nbest_search(tiny_model(seed=seed), make_sources([[4, 5]]), beam, longest)
    sentences = [hypothesis.ids for hypothesis in found if hypothesis.complete]
    assert 1 <= len(found) <= beam
    assert len(set(sentences)) == len(sentences)
    assert all(END not in ids and len(ids) <= longest for ids in sentences)


def test_a_finished_sentence_keeps_its_place_in_the_beam() -> None:
    model = favour(tiny_model(), END=9.0)  # END first is the likeliest by far, and the beam must go on without it
    (found,) = nbest_search(model, make_sources([[4, 5]]), beam=3, max_length=5, length_penalty=0.0)
    assert len(found) == 3
    assert found[0].ids == ()
    assert {len(hypothesis.ids) for hypothesis in found[1:]} == {1}


@pytest.mark.parametrize("beam", [1, 3])
def test_a_sentence_cut_off_at_the_limit_says_so(beam: int) -> None:
    model = favour(tiny_model(), END=-60.0)
    (cut,) = beam_search(model, make_sources([[4, 5]]), beam, max_length=5)
    assert not cut.complete
    assert len(cut.ids) == 5
    states, total = model.encode(make_sources([[4, 5]])), 0.0
    for read, written in pairwise((START, *cut.ids)):
        logits, states = model.step(np.array([read]), states)
        total += log_softmax(logits)[0, written]
    assert cut.log_probability == pytest.approx(total)  # of its words alone: END never came


def test_a_complete_sentence_is_taken_before_a_likelier_one_that_was_cut_off() -> None:
    model = favour(tiny_model(), END=-3.0)
    (found,) = nbest_search(model, make_sources([[4, 5]]), beam=4, max_length=2)
    assert all(hypothesis.complete for hypothesis in found)


@pytest.mark.parametrize("beam", [1, 3, 50])
def test_padding_and_start_are_never_written(beam: int) -> None:
    model = favour(tiny_model(), PAD=20.0, START=20.0)
    for hypotheses in nbest_search(model, make_sources(SENTENCES), beam, 4):
        assert hypotheses
        assert all(not {PAD, START} & set(hypothesis.ids) for hypothesis in hypotheses)


@pytest.mark.parametrize(
    ("options", "told"),
    [({"beam": 0}, "beam"), ({"max_length": 0}, "max_length"), ({"length_penalty": -0.1}, "length penalty")],
)
def test_a_search_that_cannot_be_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        beam_search(tiny_model(), make_sources([[4]]), **options)


def test_a_search_leaves_the_sources_as_they_were() -> None:
    sources: Sources = make_sources(SENTENCES)
    before = sources.rows.copy()
    beam_search(tiny_model(reverse_source=True), sources, 3, 4)
    np.testing.assert_array_equal(sources.rows, before)
