"""All mistakes in one list.

Read next: gru.py.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from mistakes.gru import gru_mistakes
from mistakes.layers import layer_mistakes
from mistakes.loop import loop_mistakes
from mistakes.lstm import lstm_mistakes
from mistakes.models import model_mistakes
from mistakes.mutant import Mistake
from mistakes.rnn import rnn_mistakes
from mistakes.weights import weight_mistakes
from scratchnet.errors import InputError


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
