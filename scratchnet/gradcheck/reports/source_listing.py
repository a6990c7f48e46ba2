"""A file's source as a table of HTML: each line that is wrong is marked, the mended line stands beside it.

Read next: page.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from pathlib import Path

from scratchnet.errors import InputError
from scratchnet.gradcheck.cure import Cure, Finding, Verdict
from scratchnet.gradcheck.finding_words import should
from scratchnet.usercode import cell_and_line, is_notebook, read_source

MOST_LINES = 5000
Place = tuple[int, int]  # code cell, 0 in a file that is no notebook; line


def listings(verdict: Verdict, file: Path) -> Iterator[str]:
    """Yield the source of each file that the verdict names, or of `file` where it names none."""
    files = [*(cure.file for cure in verdict.cures), *(one.file for one in _places(verdict))]
    known = dict.fromkeys(file for file in files if file)
    for name in known or {str(file): None}:
        yield from _listing(verdict, Path(name), heading=len(known) > 1)


def _listing(verdict: Verdict, file: Path, heading: bool) -> Iterator[str]:
    try:
        text = read_source(file)
    except (OSError, InputError):
        return
    cures, said = defaultdict[Place, list[Cure]](list), defaultdict[Place, list[Finding]](list)
    for cure in verdict.cures:
        if Path(cure.file) == file:
            cures[cure.cell, cure.line].append(cure)
    for one in _places(verdict):
        if Path(one.file) == file:
            said[one.cell, one.line].append(one)
    lines = text.splitlines()
    rows = []
    for number, code in enumerate(lines[:MOST_LINES], 1):
        cell, line = cell_and_line(text, number) if is_notebook(file) else (0, number)
        if cell and code.startswith("# ---- code cell ") and cell_and_line(text, number - 1)[0] != cell:
            rows.append(f'<tr class="note"><td colspan="3">code cell {cell}</td></tr>')
            continue
        rows += _rows(line, code, cures.pop((cell, line), []), said.pop((cell, line), []))
    for place, left in cures.items():  # behind the last line
        rows += _rows(place[1], "", left, [])
    if len(lines) > MOST_LINES:
        rows.append(f'<tr class="note"><td colspan="3">{len(lines) - MOST_LINES} more lines</td></tr>')
    yield f'<h2 class="title">{escape(file.name) if heading else "The file, and the mended lines beside it"}</h2>'
    yield f'<div class="scroll"><table class="source"><tbody>{"".join(rows)}</tbody></table></div>'


def _rows(line: int, code: str, cures: list[Cure], said: list[Finding]) -> Iterator[str]:
    indent = code[: len(code) - len(code.lstrip())]
    for cure in cures:
        if not cure.before:
            yield _row("", "", f"{indent}{cure.after}", "bad")
    replaced = next((cure for cure in cures if cure.before), None)
    after = "" if replaced is None else f"{indent}{replaced.after}" if replaced.after else "(take this line out)"
    yield _row(str(line), code, after, "bad" if replaced or said else "")
    for one in said:
        yield f'<tr class="note"><td></td><td colspan="2">{escape(f"`{one.text}` {should(one)}")}</td></tr>'


def _row(number: str, code: str, after: str, kind: str) -> str:
    mended = f'<td class="code good">{escape(after)}</td>' if after else "<td></td>"
    return f'<tr><td>{number}</td><td class="code {kind}">{escape(code)}</td>{mended}</tr>'


def _places(verdict: Verdict) -> list[Finding]:
    return [one for one in verdict.findings if one.kind == "place" or (one.line and one.kind == "time")]
