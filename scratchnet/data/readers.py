"""From files to sentence pairs, and back.

Two layouts are read: one file of lines `source TAB target` (or any two of its columns; the others, such as
attributions, are passed over), and two files whose lines belong together. Files are UTF-8; a byte order mark and CRLF
are accepted. A line ends at a line feed and nowhere else: Unicode has other line ends (U+2028, U+0085, ...), and
splitting there would tear sentences.

Sentences come out normalised (data/text.py). Lines that cannot be used are skipped with a warning that
names them; a file in which more than `max_bad_share` of the lines are bad is refused.

Read next: splits.py.
"""

import codecs
from collections.abc import Callable, Iterable, Sequence
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
_LINES_LOOKED_AT = 100
_PUNCTUATION = dict.fromkeys(map(ord, "+-.,#: "))


def read_pairs(
    path: str | PathLike[str],
    *,
    columns: tuple[int, int] = (1, 2),
    max_bad_share: float = 0.05,
    max_length: int = 10_000,
    warn: Callable[[str], None] = warn,
) -> list[Pair]:
    """Read the (source, target) pairs of a file whose lines are columns between tabs.

    columns: which of them are source and target, counted from 1.
    A line without these, with one of them blank, or with a sentence of more than `max_length` characters is skipped;
    `warn` is called once with their number and the first line numbers. Blank lines hold nothing and are not counted.
    `warn` also gets a line where one of the two columns holds nothing but numbers, since these are seldom meant.
    Raises InputError for a file that cannot be read, is not UTF-8 text or is empty, and for a share of bad lines above
    `max_bad_share` (0 to 1).
    """
    check_columns(columns)
    found = _PairFilter(fspath(path), max_bad_share, max_length)
    lines = _lines(path)
    most = max((line.count("\t") + 1 for line in lines), default=1)
    if most == 1 and any(map(normalise, lines)):
        raise InputError(
            f"{found.name}: no line has a tab; a line is source, tab, target (for two files, one of sources and one "
            "of targets, name the second with --targets)"
        )
    if 1 < most < max(columns):
        raise InputError(f"{found.name}: no line has {max(columns)} columns; they have {most} at most: see --columns")
    source, target = (column - 1 for column in columns)
    missing = "no tab" if max(columns) == 2 else f"fewer than {max(columns)} columns"
    for number, line in enumerate(lines, start=1):
        cells = line.split("\t")
        if len(cells) >= max(columns):
            found.add(number, cells[source], cells[target])
        elif len(line) > max_length:
            found.reject(number, found.too_long)
        elif normalise(line):
            found.reject(number, missing)
    pairs = found.result(warn)
    _point_out_numbers(found.name, columns, pairs, lines, warn)
    return pairs


def check_columns(columns: tuple[int, int]) -> None:
    """Raise InputError unless these are two different columns, counted from 1."""
    if len(columns) != 2 or min(columns) < 1 or columns[0] == columns[1]:
        shown = ",".join(map(str, columns))
        raise InputError(f"--columns is {shown}: it must be two different numbers from 1 on, such as 1,2 or 2,4")


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


class _PairFilter:
    """Collects the good pairs of a file, and the line numbers of the bad ones by what is wrong with them."""

    def __init__(self, name: str, max_bad_share: float, max_length: int) -> None:
        if not 0 <= max_bad_share <= 1:
            raise InputError(f"--max-bad-share is {max_bad_share}: it must be from 0 (no bad line) to 1")
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
                f"{self.max_bad_share:g} ({faults}); mend them, or allow more with --max-bad-share"
            )
        if not self.pairs:
            raise InputError(f"{self.name}: no line holds a sentence pair; a line is source, tab, target")
        if bad:
            warn(f"{self.name}: skipped {bad} of {lines} lines ({faults})")
        return self.pairs


def _point_out_numbers(
    name: str, columns: tuple[int, int], pairs: Sequence[Pair], lines: Sequence[str], warn: Callable[[str], None]
) -> None:
    """Call `warn` where what was taken for sentences are numbers, and name the columns that hold text."""
    numeric = [column for side, column in enumerate(columns) if all(_is_number(pair[side]) for pair in pairs)]
    if not numeric:
        return
    rows = [line.split("\t") for line in lines[:_LINES_LOOKED_AT] if line.count("\t") + 1 >= max(columns)]
    width = min(map(len, rows), default=0)
    text = [k + 1 for k in range(width) if not all(_is_number(normalise(row[k])) for row in rows)]
    advice = f"; to read the sentences: --columns {text[0]},{text[1]}" if len(text) > 1 else ""
    example = pairs[0][columns.index(numeric[0])]
    warn(f"{name}: column {numeric[0]} holds numbers only, such as {example}{advice}")


def _is_number(text: str) -> bool:
    return text.translate(_PUNCTUATION).isdecimal()


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
