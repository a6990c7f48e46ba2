"""From sentences of token ids to packed batches.

The decoder reads START w1 ... wn and must write w1 ... wn END: the same target, one step apart. Sources and targets are
packed separately, each longest first; `context_rows` says which source belongs to which target.

Read next: atomic_files.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scratchnet.backend import Array, Backend
from scratchnet.data.vocabulary import END, START
from scratchnet.errors import InputError
from scratchnet.packed_sequences import Packing, pack

Ids = Sequence[int]


@dataclass(frozen=True)
class Sources:
    """Packed source sentences: rows (N_s,) token ids, or (N_s, E) features, and order[j], the place of sentence j."""

    rows: Array
    packing: Packing
    order: np.ndarray[Any, Any]

    def to(self, backend: Backend) -> Sources:
        """Return the same sources on `backend`."""
        return replace(self, rows=backend.asarray(self.rows), packing=self.packing.to(backend))


@dataclass(frozen=True)
class Batch:
    """Packed pairs. Shapes: N_t target tokens (END counted), B sentences.

    sources: the packed source sentences.
    inputs, targets: (N_t,) ids that the decoder reads (START first) and must write (END last).
    packing: of both. order: (B,) the place of target sentence j in the batch as given.
    context_rows: (B,) target sentence j starts from encoder row context_rows[j].
    target_rows: (B,) its inverse: encoder row k started target sentence target_rows[k].
    """

    sources: Sources
    inputs: Array
    targets: Array
    packing: Packing
    order: np.ndarray[Any, Any]
    context_rows: Array
    target_rows: Array

    @property
    def tokens(self) -> int:
        """How many target tokens count in the loss (END counts, START does not)."""
        return self.packing.rows

    @property
    def sentences(self) -> int:
        """How many pairs the batch holds."""
        return self.packing.batch

    def to(self, backend: Backend) -> Batch:
        """Return the same batch on `backend`: the one place where training data enters a device."""
        return replace(
            self,
            sources=self.sources.to(backend),
            inputs=backend.asarray(self.inputs),
            targets=backend.asarray(self.targets),
            packing=self.packing.to(backend),
            context_rows=backend.asarray(self.context_rows),
            target_rows=backend.asarray(self.target_rows),
        )


def make_sources(sources: Sequence[Any]) -> Sources:
    """Pack source sentences, each (length,) ids or (length, E) features. Raises InputError for an empty one."""
    return Sources(*pack(sources))


def make_batch(sources: Sequence[Any], targets: Sequence[Ids]) -> Batch:
    """Pack sources with their targets (ids without START and END; a target may be empty)."""
    if len(sources) != len(targets):
        raise InputError(f"{len(sources)} sources but {len(targets)} targets: they come in pairs")
    packed_sources = make_sources(sources)
    inputs, packing, order = pack([[START, *target] for target in targets])
    outputs, _, _ = pack([[*target, END] for target in targets])
    place = np.empty(len(sources), dtype=int)
    place[packed_sources.order] = np.arange(len(sources))
    context_rows = place[order]
    return Batch(packed_sources, inputs, outputs, packing, order, context_rows, np.argsort(context_rows))


def bucketed_batches(
    pairs: Sequence[tuple[Any, Ids]],
    batch_size: int,
    rng: np.random.Generator | None = None,
    bucket: int = 4,
    skip: int = 0,
) -> Iterator[Batch]:
    """Yield batches of pairs of similar length, every pair once; the first `skip` batches are left out.

    With an `rng` the pairs are shuffled, sorted by length within buckets of `bucket` batches, and the batches
    shuffled: short and long sentences still mix over an epoch, but the products of one batch stay full to its last
    step. Without one, the order is fixed (validation).
    """
    for chosen in batch_indices([(len(s), len(t)) for s, t in pairs], batch_size, rng, bucket)[skip:]:
        yield make_batch([pairs[i][0] for i in chosen], [pairs[i][1] for i in chosen])


def batch_indices(
    lengths: Sequence[tuple[int, int]], batch_size: int, rng: np.random.Generator | None = None, bucket: int = 4
) -> list[np.ndarray[Any, Any]]:
    """Return the pairs' numbers, batch by batch, for (source, target) lengths; see `bucketed_batches`."""
    if batch_size < 1:
        raise InputError(f"batch size is {batch_size}: it must be a whole number above zero")
    table = np.array(lengths, dtype=int).reshape(-1, 2)
    order = np.arange(len(table)) if rng is None else rng.permutation(len(table))
    batches: list[np.ndarray[Any, Any]] = []
    span = batch_size * bucket
    for start in range(0, len(order), span):
        part = order[start : start + span]
        part = part[np.lexsort((table[part, 0], table[part, 1]))]
        batches += [part[k : k + batch_size] for k in range(0, len(part), batch_size)]
    if rng is not None:
        batches = [batches[k] for k in rng.permutation(len(batches))]
    return batches
