"""Files of sentence pairs: reading, writing, grouping references, and splitting by distinct source sentence.

Two layouts are read: one file of lines `source TAB target` (further columns, such as attributions, are ignored), and
two files of which line n belongs to line n. Files are UTF-8; a byte order mark and CRLF are accepted. A line ends at a
line feed and nowhere else: Unicode has other line ends (U+2028, U+0085, ...), and splitting there would break
sentences.

Sentences come out normalised (data/text.py). Lines that cannot be used are skipped with a warning that
names them; a file in which more than `max_bad_share` of the lines are bad is refused.

Read next: batches.py.
"""

import codecs
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from os import PathLike, fspath
from pathlib import Path

from scratchnet.data.text import normalise
from scratchnet.errors import InputError, warn

Pair = tuple[str, str]

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_LINES_NAMED = 5


def read_pairs(
    path: str | PathLike[str],
    *,
    max_bad_share: float = 0.05,
    max_length: int = 10_000,
    warn: Callable[[str], None] = warn,
) -> list[Pair]:
    """Read the (source, target) pairs of a file whose lines are `source TAB target`, further columns ignored.

    A line without a tab, with a blank column, or with a sentence of more than `max_length` characters is skipped;
    `warn` is called once with their number and the first line numbers. Blank lines are ignored.
    Raises InputError for a file that cannot be read, is not UTF-8 text or is empty, and for a share of bad lines above
    `max_bad_share` (0 to 1).
    """
    found = _PairFilter(fspath(path), max_bad_share, max_length)
    for number, line in enumerate(_lines(path), start=1):
        columns = line.split("\t", 2)
        if len(columns) > 1:
            found.add(number, columns[0], columns[1])
        elif len(line) > max_length:
            found.reject(number, found.too_long)
        elif normalise(line):
            found.reject(number, "no tab")
    return found.result(warn)


def read_aligned(
    source_path: str | PathLike[str],
    target_path: str | PathLike[str],
    *,
    max_bad_share: float = 0.05,
    max_length: int = 10_000,
    warn: Callable[[str], None] = warn,
) -> list[Pair]:
    """Read the (source, target) pairs of two files, of which line n of the one belongs to line n of the other.

    Skips, warns and raises as `read_pairs` does, and raises InputError where the numbers of lines differ. A tab
    counts as a space; a line that is blank in both files is ignored.
    """
    sources, targets = _lines(source_path), _lines(target_path)
    if len(sources) != len(targets):
        raise InputError(
            f"{fspath(source_path)} has {len(sources)} lines and {fspath(target_path)} has {len(targets)}; "
            "line n of one must belong to line n of the other"
        )
    found = _PairFilter(f"{fspath(source_path)} and {fspath(target_path)}", max_bad_share, max_length)
    for number, (source, target) in enumerate(zip(sources, targets, strict=True), start=1):
        found.add(number, source, target)
    return found.result(warn)


def write_pairs(path: str | PathLike[str], pairs: Iterable[Pair]) -> None:
    """Write pairs as lines `source TAB target`, normalised, in UTF-8; `read_pairs` reads them back.

    Raises InputError for a blank sentence or one with a NUL in it, before anything is written, and where the file
    cannot be written.
    """
    lines: list[str] = []
    for number, pair in enumerate(pairs, start=1):
        source, target = map(normalise, pair)
        if not source or not target or "\0" in source + target:
            raise InputError(f"pair {number}, {pair!r:.60}, has a blank side or a NUL in it and cannot be written")
        lines.append(f"{source}\t{target}\n")
    try:
        Path(path).write_bytes("".join(lines).encode("utf-8"))
    except UnicodeEncodeError as error:
        raise InputError(f"{fspath(path)}: a sentence holds half a surrogate pair ({error.reason}); mend it") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{fspath(path)}: cannot be written ({_reason(error)}); choose another place") from None


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
    share is above zero. Sentences are ranked by a hash of seed and sentence, so that the order of the pairs does not
    matter, and adding a few pairs moves hardly any sentence to another list. Each list keeps the order of the pairs.
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
        raise InputError(
            f"the pairs have too few distinct source sentences ({len(ranked)}) for {validation_size} in validation, "
            f"{test_size} in test and one to train on; hand in more pairs or set a share to 0"
        )
    place = dict.fromkeys(ranked[:validation_size], 1) | dict.fromkeys(ranked[validation_size:][:test_size], 2)
    parts: tuple[list[Pair], list[Pair], list[Pair]] = ([], [], [])
    for pair, source in zip(pairs, sources, strict=True):
        parts[place.get(source, 0)].append(pair)
    return parts


class _PairFilter:
    """Collects the good pairs of a file, and the line numbers of the bad ones by what is wrong with them."""

    def __init__(self, name: str, max_bad_share: float, max_length: int) -> None:
        if not 0 <= max_bad_share <= 1:
            raise InputError(f"max_bad_share is {max_bad_share}; it must lie between 0 (no bad line) and 1")
        if max_length < 1:
            raise InputError(f"max_length is {max_length} characters; it must be 1 or more")
        self.name, self.max_bad_share, self.max_length = name, max_bad_share, max_length
        self.too_long = f"longer than {max_length:,} characters"
        self.pairs: list[Pair] = []
        self.bad: dict[str, list[int]] = {}

    def add(self, number: int, source: str, target: str) -> None:
        if max(len(source), len(target)) > self.max_length:
            self.reject(number, self.too_long)
            return
        source, target = normalise(source), normalise(target)
        if source and target:
            self.pairs.append((source, target))
        elif source or target:
            self.reject(number, "one side blank")

    def reject(self, number: int, fault: str) -> None:
        self.bad.setdefault(fault, []).append(number)

    def result(self, warn: Callable[[str], None]) -> list[Pair]:
        bad = sum(map(len, self.bad.values()))
        lines = bad + len(self.pairs)
        faults = "; ".join(f"{fault}: {_line_numbers(numbers)}" for fault, numbers in self.bad.items())
        if bad > self.max_bad_share * lines:
            raise InputError(
                f"{self.name}: {bad} of {lines} lines cannot be used, more than the allowed share of "
                f"{self.max_bad_share:g} ({faults}); mend them, or raise max_bad_share"
            )
        if not self.pairs:
            raise InputError(f"{self.name}: no line holds a sentence pair; a line is source, tab, target")
        if bad:
            warn(f"{self.name}: skipped {bad} of {lines} lines ({faults})")
        return self.pairs


def _lines(path: str | PathLike[str]) -> list[str]:
    name = fspath(path)
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"{name}: there is no such file; check the name") from None
    except IsADirectoryError:
        raise InputError(f"{name}: this is a folder; name a file in it") from None
    except PermissionError:
        raise InputError(f"{name}: no permission to read it; change its permissions or copy it") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be read ({_reason(error)}); check the name") from None
    for mark, encoding in _OTHER_ENCODINGS:
        if data.startswith(mark):
            raise InputError(f"{name}: this is {encoding} text, not UTF-8; save it as UTF-8")
    skipped = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    if len(data) == skipped:
        raise InputError(f"{name}: the file is empty; a line is a sentence pair")
    if b"\r" in data[:-1] and b"\n" not in data:
        raise InputError(f"{name}: its lines end in carriage returns alone; save it with LF or CRLF line ends")
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise InputError(f"{name}: line {line}, byte {nul}, is a NUL: damaged, or UTF-16 text? save it as plain UTF-8")
    try:
        text = data[skipped:].decode("utf-8")
    except UnicodeDecodeError as error:
        at = skipped + error.start
        line = data.count(b"\n", 0, at) + 1
        raise InputError(f"{name}: line {line}, byte {at} (0x{data[at]:02x}), is not UTF-8; save it as UTF-8") from None
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _line_numbers(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers[:_LINES_NAMED]))
    more = len(numbers) - _LINES_NAMED
    return f"line{'s' if len(numbers) > 1 else ''} {named}" + (f" and {more} more" if more > 0 else "")


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _hash(seed: int, source: str) -> bytes:
    return blake2b(f"{seed}\t{source}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
