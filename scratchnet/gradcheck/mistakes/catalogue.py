"""All mistakes in one list.

Read next: gru.py.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from scratchnet.errors import InputError
from scratchnet.gradcheck.mistakes.gru import gru_mistakes
from scratchnet.gradcheck.mistakes.layers import layer_mistakes
from scratchnet.gradcheck.mistakes.loop import loop_mistakes
from scratchnet.gradcheck.mistakes.lstm import lstm_mistakes
from scratchnet.gradcheck.mistakes.models import model_mistakes
from scratchnet.gradcheck.mistakes.mutant import Mistake
from scratchnet.gradcheck.mistakes.rnn import rnn_mistakes
from scratchnet.gradcheck.mistakes.weights import weight_mistakes


@functools.cache
def catalogue() -> tuple[Mistake, ...]:
    """Return every known mistake."""
    return (
        *rnn_mistakes(),
        *lstm_mistakes(),
        *gru_mistakes(),
        *weight_mistakes(),
        *loop_mistakes(),
        *layer_mistakes(),
        *model_mistakes(),
    )


def mistakes_of(hosts: Iterable[str]) -> tuple[Mistake, ...]:
    """Return the mistakes that classes of these names can have."""
    wanted = set(hosts)
    return tuple(mistake for mistake in catalogue() if wanted & set(mistake.hosts))


def mistake(id: str) -> Mistake:
    """Return the mistake with this id; raise InputError where there is none."""
    for found in catalogue():
        if found.id == id:
            return found
    raise InputError(f"there is no mistake {id!r} in the catalogue")


def families() -> tuple[str, ...]:
    """Return the names of all families, in the order of the catalogue."""
    return tuple(dict.fromkeys(found.family for found in catalogue()))
