"""Strategies for hypothesis: ragged batches, cells, sizes.

Read next: test_recurrent.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from scratchnet.cells import CELLS
from scratchnet.packed_sequences import Packing

Strategy = st.SearchStrategy


def ragged_lengths(longest: int = 5, most: int = 4, shortest: int = 1) -> Strategy[list[int]]:
    """Draw the lengths of a batch's sequences, longest first.

    longest, shortest: of a sequence. most: sequences in a batch; there is at least one.
    """
    lengths = st.lists(st.integers(shortest, longest), min_size=1, max_size=most)
    return lengths.map(lambda found: sorted(found, reverse=True))


def packings(longest: int = 5, most: int = 4) -> Strategy[Packing]:
    """Draw a packing of a ragged batch; arguments as in `ragged_lengths`."""
    return ragged_lengths(longest, most).map(Packing)


def sizes(largest: int = 4) -> Strategy[tuple[int, int]]:
    """Draw (input_size, hidden_size), each at least 1."""
    return st.tuples(st.integers(1, largest), st.integers(1, largest))


def seeds(largest: int = 10**6) -> Strategy[int]:
    """Draw a seed."""
    return st.integers(0, largest)


def weight_scales(smallest: float = 0.01, largest: float = 1.0) -> Strategy[float]:
    """Draw a standard deviation for weights, evenly on a logarithmic scale."""
    from math import log10

    return st.floats(log10(smallest), log10(largest)).map(lambda power: 10.0**power)


def cell_names(names: Sequence[str] = tuple(sorted(CELLS))) -> Strategy[str]:
    """Draw the name of one of the library's cells."""
    return st.sampled_from(list(names))


def cells(largest: int = 4, dtype: Any = "float64") -> Strategy[Any]:
    """Draw one of the library's cells, of any size and with any weights."""
    return st.builds(
        lambda name, size, seed: CELLS[name](*size, rng=seed, dtype=dtype), cell_names(), sizes(largest), seeds()
    )
