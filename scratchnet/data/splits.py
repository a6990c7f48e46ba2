"""Lists of pairs: gathering the references of a sentence, and splitting without leaking a sentence.

Read next: batches.py.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from scratchnet.data.readers import Pair
from scratchnet.data.text import normalise
from scratchnet.errors import InputError


def group_references(pairs: Iterable[Pair]) -> list[tuple[str, list[str]]]:
    """Return every distinct source sentence with all its different targets, both in order of first appearance."""
    groups: dict[str, dict[str, None]] = {}
    for source, target in pairs:
        groups.setdefault(normalise(source), {})[normalise(target)] = None
    return [(source, list(targets)) for source, targets in groups.items()]


def split_pairs(
    pairs: Sequence[Pair], validation: float = 0.05, test: float = 0.0, seed: int = 0
) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Split pairs into training, validation and test lists that have no source sentence in common.

    `validation` and `test` are shares of the distinct source sentences, rounded, but at least one sentence where the
    share is above zero. Sentences are ranked by a hash of seed and sentence, so neither the order of the pairs nor a
    few more of them moves a sentence elsewhere, but for those at the edge. Each list keeps the order of the pairs.
    Raises InputError for shares that are negative or leave nothing to train on, and for no pairs.
    """
    if not pairs:
        raise InputError("there are no pairs to split; hand in at least one")
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        raise InputError(
            f"cannot split off shares of {validation} for validation and {test} for test; "
            "each must be 0 or more, and both together below 1"
        )
    sources = [normalise(source) for source, _ in pairs]
    ranked = sorted(set(sources), key=lambda source: (_hash(seed, source), source))
    validation_size, test_size = (max(1, round(share * len(ranked))) if share else 0 for share in (validation, test))
    if validation_size + test_size >= len(ranked):
        held_out = f"{validation_size} for validation" + (f", {test_size} for test" if test_size else "")
        raise InputError(
            f"too few pairs: of {len(ranked)} distinct source sentence{'s' * (len(ranked) != 1)}, {held_out} leave "
            "none to train on; hand in more pairs or smaller shares"
        )
    place = dict.fromkeys(ranked[:validation_size], 1) | dict.fromkeys(ranked[validation_size:][:test_size], 2)
    parts: tuple[list[Pair], list[Pair], list[Pair]] = ([], [], [])
    for pair, source in zip(pairs, sources, strict=True):
        parts[place.get(source, 0)].append(pair)
    return parts


def _hash(seed: int, source: str) -> bytes:
    return blake2b(f"{seed}\t{source}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
