"""Scheduled sampling: in training, let the decoder read some of its own words (Bengio, Vinyals, Jaitly, Shazeer 2015).

Teacher forcing shows the decoder only true previous words, yet alone it must live with its own. With a teacher ratio
below 1, each input word after START is the true one with that probability, drawn per token, and otherwise the word that
the model itself would write there.

The choice of words has no gradient. So one run without a tape finds the mixed inputs, and the ordinary forward and
backward pass then runs on these: the same numbers as in one interleaved pass, and no second backward to get wrong.

Read next: validation.py.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scratchnet.data import Batch
from scratchnet.decoding import NEVER_WRITTEN
from scratchnet.errors import InputError
from scratchnet.recurrent import select_rows
from scratchnet.seq2seq import Seq2Seq


def mix_inputs(model: Seq2Seq, batch: Batch, teacher_ratio: float, rng: np.random.Generator) -> Batch:
    """Return the batch with its decoder inputs mixed: true words with probability `teacher_ratio`, else the model's.

    Nothing else of the batch changes. Dropout is off while words are chosen.
    Raises InputError unless 0 <= teacher_ratio <= 1.
    """
    if not 0.0 <= teacher_ratio <= 1.0:
        raise InputError(f"teacher ratio is {teacher_ratio!r}: it must be from 0 to 1")
    if teacher_ratio == 1.0:
        return batch
    xp, packing = model.backend.xp, batch.packing
    states = select_rows(model.encode(batch.sources), batch.context_rows)
    true_word = model.backend.asarray(rng.random(packing.rows) < teacher_ratio)
    mixed = batch.inputs.copy()
    written = None
    for t, alive in enumerate(packing.sizes):
        rows = slice(packing.offsets[t], packing.offsets[t + 1])
        if written is not None:
            mixed[rows] = xp.where(true_word[rows], batch.inputs[rows], written[:alive])
        logits, states = model.step(mixed[rows], select_rows(states, slice(alive)))
        for word in NEVER_WRITTEN:
            logits[:, word] = -np.inf
        written = logits.argmax(axis=1)
    return replace(batch, inputs=mixed)
