"""Packing held to explicit loops over sentences and steps; packing and unpacking; the steps of an array."""

import numpy as np
import pytest
from helpers import normal
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.errors import InputError
from scratchnet.packed_sequences import Packing, pack, unpack

lengths_lists = st.lists(st.integers(1, 6), min_size=1, max_size=7)


def rows_of(lengths: list[int]) -> list[tuple[int, int]]:
    """Return (step, sequence) of each packed row: all first words, then all second words that there are, ..."""
    return [(t, s) for t in range(max(lengths)) for s in range(len(lengths)) if t < lengths[s]]


@settings(max_examples=40)
@given(lengths_lists)
def test_every_index_of_a_packing_is_what_loops_say(lengths: list[int]) -> None:
    lengths = sorted(lengths, reverse=True)
    packing, rows, batch = Packing(lengths), rows_of(lengths), len(lengths)
    place = {row: k for k, row in enumerate(rows)}
    assert (packing.batch, packing.steps, packing.rows) == (batch, max(lengths), sum(lengths))
    assert packing.sizes == tuple(sum(t == step for step, _ in rows) for t in range(packing.steps))
    assert packing.offsets == (*(place[t, 0] for t in range(packing.steps)), len(rows))
    assert packing.equal == (len(set(lengths)) == 1)
    assert packing.step_of_row.tolist() == [t for t, _ in rows]
    assert packing.sequence_of_row.tolist() == [s for _, s in rows]
    # State arrays begin with the initial state, one row a sequence.
    assert packing.previous_rows.tolist() == [s if t == 0 else batch + place[t - 1, s] for t, s in rows]
    assert packing.last_rows.tolist() == [batch + place[lengths[s] - 1, s] for s in range(batch)]
    assert packing.mirrored_rows.tolist() == [place[lengths[s] - 1 - t, s] for t, s in rows]


@settings(max_examples=40)
@given(lengths_lists, st.integers(0, 99))
def test_unpacking_undoes_packing(lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    sequences = [rng.integers(0, 50, length) for length in lengths]
    found = unpack(*pack(sequences))
    assert [row.tolist() for row in found] == [row.tolist() for row in sequences]


@settings(max_examples=20)
@given(lengths_lists)
def test_rows_stand_step_by_step_longest_sequence_first(lengths: list[int]) -> None:
    sequences = [[100 * s + t for t in range(length)] for s, length in enumerate(lengths)]
    rows, packing, order = pack(sequences)
    in_order = sorted(range(len(lengths)), key=lambda s: -lengths[s])  # a stable sort: equal lengths keep their order
    assert order.tolist() == in_order
    assert packing.lengths == tuple(lengths[s] for s in in_order)
    assert rows.tolist() == [sequences[in_order[s]][t] for t, s in rows_of([lengths[s] for s in in_order])]


def test_features_are_packed_like_ids(rng: np.random.Generator) -> None:
    sequences = [normal(rng, (length, 2)) for length in (2, 4, 1)]
    rows, packing, order = pack(sequences)
    assert rows.shape == (7, 2)
    assert (rows[0] == sequences[1][0]).all()
    for found, given_sequence in zip(unpack(rows, packing, order), sequences, strict=True):
        assert (found == given_sequence).all()


def test_mirroring_twice_changes_nothing() -> None:
    mirrored = Packing([4, 4, 2, 1]).mirrored_rows
    assert (mirrored != np.arange(11)).any()
    assert (mirrored[mirrored] == np.arange(11)).all()


@pytest.mark.parametrize("lengths", [[1, 2], [2, 0], [-1], [3, 1, 2]])
def test_lengths_out_of_order_or_below_one_are_errors(lengths: list[int]) -> None:
    with pytest.raises(InputError, match="longest first"):
        Packing(lengths)


def test_a_batch_of_nothing_is_an_error() -> None:
    with pytest.raises(InputError, match="at least one sequence"):
        Packing([])


@pytest.mark.parametrize("sequences", [[], [[1, 2], []]])
def test_an_empty_sequence_is_an_error(sequences: list[list[int]]) -> None:
    with pytest.raises(InputError, match="at least one element"):
        pack(sequences)


def test_a_packing_already_on_the_backend_is_returned_itself() -> None:
    packing = Packing([2, 1])
    assert packing.to(packing.backend) is packing


def test_a_packing_says_how_large_it_is() -> None:
    assert repr(Packing([3, 1])) == "Packing(batch=2, steps=3, rows=4)"
