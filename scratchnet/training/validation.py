"""Which pairs are of use, and what those held out tell after every epoch: the loss, and what the model writes alone.

Read next: run_folder.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from scratchnet.data import Ids, Pair, group_references
from scratchnet.errors import InputError
from scratchnet.training.progress import Sample
from scratchnet.translation import Translator, exact_match, teacher_forced_loss

SENTENCES = 200  # written freely after each epoch; the loss is over all pairs

Item = TypeVar("Item")


def usable_pairs(
    translator: Translator, pairs: Sequence[Pair], max_length: int, name: str
) -> tuple[list[Pair], list[tuple[Ids, Ids]]]:
    """Return the pairs of which both sides have 1 to `max_length` tokens, and their ids.

    Raises InputError, calling the pairs by `name`, where there is none.
    """
    encoded = [translator.encode_pair(pair) for pair in pairs]
    good = [k for k, sides in enumerate(encoded) if all(0 < len(ids) <= max_length for ids in sides)]
    if not good:
        raise InputError(
            f"of {len(pairs)} {name} pairs, none has 1 to {max_length} tokens on both sides; hand in other pairs"
        )
    return [pairs[k] for k in good], [encoded[k] for k in good]


class Validation:
    """A validation set: pairs, and the same as token ids. samples: how many translations are to be shown."""

    def __init__(
        self,
        translator: Translator,
        pairs: Sequence[Pair],
        ids: Sequence[tuple[Ids, Ids]],
        batch_size: int,
        samples: int,
    ) -> None:
        self.translator, self.ids, self.batch_size = translator, ids, batch_size
        self.groups = spread(group_references(pairs), SENTENCES)
        self.shown = spread(range(len(self.groups)), samples)
        # An untrained model does not know how to end: let it not babble for longer than makes sense.
        self.limit = 2 * max(len(target) for _, target in ids) + 10

    def loss(self) -> float:
        """Return the teacher-forced loss in nats per target token."""
        return teacher_forced_loss(self.translator.model, self.ids, self.batch_size)[0]

    def free_running(self) -> tuple[float, list[Sample]]:
        """Return the share of sentences that the model, reading its own words, writes as a reference has them.

        Also return the sample translations. Search is greedy; at most `SENTENCES` sentences are tried.
        """
        sources = [source for source, _ in self.groups]
        written = [found.text for found in self.translator.translate(sources, max_length=self.limit)]
        lowercase = self.translator.target_vocabulary.lowercase
        right = [
            exact_match([text], [targets], lowercase) == 1.0
            for text, (_, targets) in zip(written, self.groups, strict=True)
        ]
        samples = [Sample(sources[k], written[k], self.groups[k][1][0], right[k]) for k in self.shown]
        return sum(right) / len(right), samples


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """Return `count` items (or all, if fewer) evenly spread over a list: corpora often begin with their shortest."""
    count = min(count, len(items))
    return [items[(2 * k + 1) * len(items) // (2 * count)] for k in range(count)]
