"""From sentences to packed batches: nothing lost, nothing mixed up, START before and END after."""

from typing import Any

import numpy as np
import pytest
from helpers import SENTENCES, TRANSLATIONS, normal, tiny_batch
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.data import END, START, batch_indices, bucketed_batches, make_batch, make_sources
from scratchnet.errors import InputError
from scratchnet.packed_sequences import unpack

words = st.lists(st.integers(4, 20), max_size=5)
pairs_lists = st.lists(st.tuples(st.lists(st.integers(4, 20), min_size=1, max_size=5), words), min_size=1, max_size=8)


def numbered(count: int) -> list[tuple[list[int], list[int]]]:
    """Return pairs of many lengths, the first source word of each its own number."""
    rng = np.random.default_rng(0)
    return [([k, *[4] * int(rng.integers(0, 9))], [5] * int(rng.integers(0, 9))) for k in range(count)]


@settings(max_examples=30)
@given(pairs_lists)
def test_the_decoder_reads_start_and_the_words_and_writes_the_words_and_end(pairs: list[Any]) -> None:
    batch = make_batch(*zip(*pairs, strict=True))
    read, written = (unpack(rows, batch.packing, batch.order) for rows in (batch.inputs, batch.targets))
    assert [sentence.tolist() for sentence in read] == [[START, *target] for _, target in pairs]
    assert [sentence.tolist() for sentence in written] == [[*target, END] for _, target in pairs]


@settings(max_examples=30)
@given(pairs_lists)
def test_every_target_starts_from_its_own_source(pairs: list[Any]) -> None:
    batch = make_batch(*zip(*pairs, strict=True))
    assert batch.sources.order[batch.context_rows].tolist() == batch.order.tolist()
    assert batch.context_rows[batch.target_rows].tolist() == list(range(len(pairs)))


@settings(max_examples=30)
@given(pairs_lists)
def test_what_counts_are_target_words_and_one_end_each(pairs: list[Any]) -> None:
    batch = make_batch(*zip(*pairs, strict=True))
    assert batch.tokens == sum(len(target) + 1 for _, target in pairs)
    assert batch.sentences == len(pairs)


def test_sources_come_back_in_the_order_given(rng: np.random.Generator) -> None:
    for given_sources in (SENTENCES, [normal(rng, (length, 3)).tolist() for length in (2, 5, 1)]):
        sources = make_sources(given_sources)
        assert [row.tolist() for row in unpack(sources.rows, sources.packing, sources.order)] == given_sources


def test_a_batch_without_a_target_word_still_writes_end() -> None:
    batch = make_batch([[4, 5]], [[]])
    assert batch.inputs.tolist() == [START]
    assert batch.targets.tolist() == [END]


def test_sources_without_targets_are_an_error() -> None:
    with pytest.raises(InputError, match="4 sources but 3 targets"):
        make_batch(SENTENCES, TRANSLATIONS[:3])


def test_an_empty_source_is_an_error() -> None:
    with pytest.raises(InputError, match="at least one element"):
        make_batch([[4], []], [[4], [4]])


def test_a_batch_on_its_own_backend_is_the_same_arrays() -> None:
    batch = tiny_batch()
    moved = batch.to(batch.packing.backend)
    assert moved.inputs is batch.inputs
    assert moved.packing is batch.packing
    assert moved.sources.rows is batch.sources.rows


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize(("count", "size"), [(50, 8), (7, 7), (3, 10), (1, 1)])
def test_every_pair_comes_exactly_once(count: int, size: int, seed: int | None) -> None:
    rng = None if seed is None else np.random.default_rng(seed)
    batches = list(bucketed_batches(numbered(count), size, rng, bucket=2))
    assert sum(batch.sentences for batch in batches) == count
    assert all(batch.sentences <= size for batch in batches)
    first_words = [row for batch in batches for row in batch.sources.rows[: batch.sentences].tolist()]
    assert sorted(first_words) == list(range(count))


def test_the_same_seed_gives_the_same_batches_and_another_does_not() -> None:
    lengths = [(len(source), len(target)) for source, target in numbered(60)]
    drawn = [batch_indices(lengths, 8, np.random.default_rng(seed), 2) for seed in (1, 1, 2)]
    first, second, other = ([batch.tolist() for batch in batches] for batches in drawn)
    assert first == second
    assert first != other


def test_without_a_generator_the_order_is_fixed() -> None:
    lengths = [(len(source), len(target)) for source, target in numbered(60)]
    first, second = ([batch.tolist() for batch in batch_indices(lengths, 8)] for _ in range(2))
    assert first == second


def test_batches_hold_pairs_of_similar_length() -> None:
    lengths = [(len(source), len(target)) for source, target in numbered(400)]
    spread = [
        np.ptp([lengths[k][1] for k in batch]) for batch in batch_indices(lengths, 20, np.random.default_rng(0), 20)
    ]
    assert max(spread) <= 1  # at random it would be 8


def test_with_a_generator_batches_do_not_come_sorted() -> None:
    lengths = [(len(source), len(target)) for source, target in numbered(400)]
    means = [np.mean([lengths[k][1] for k in b]) for b in batch_indices(lengths, 20, np.random.default_rng(0), 20)]
    assert means != sorted(means)


def test_a_batch_size_below_one_is_an_error() -> None:
    with pytest.raises(InputError, match="batch size is 0"):
        batch_indices([(1, 1)], 0)


def test_no_pairs_are_no_batches() -> None:
    assert list(bucketed_batches([], 4)) == []


def test_the_batch_of_these_tests_hides_nothing() -> None:
    batch = tiny_batch()
    for packing in (batch.packing, batch.sources.packing):
        assert len(set(packing.lengths)) > 2  # ragged
    assert len(set(batch.sources.rows.tolist())) < len(batch.sources.rows)  # words repeated
    assert [] in TRANSLATIONS
    assert (batch.context_rows != batch.target_rows).any()  # the one order cannot be taken for the other
