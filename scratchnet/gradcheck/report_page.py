"""A report as HTML, on a page of its own or inside a notebook: no script, no picture, nothing to load.

Read next: search.py.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError
from scratchnet.gradcheck.compare import GradientComparison
from scratchnet.gradcheck.diagnosis import FURTHER
from scratchnet.gradcheck.files_read import files_in_words
from scratchnet.gradcheck.time_map import TimeMap
from scratchnet.usercode import source_line
from scratchnet.visual import html_fragment, html_style

CHECKED = "What was checked, and on what"
AROUND = 2  # lines of source shown before and after the one that is meant
PLACE = re.compile(r"^(?P<file>.+?):(?P<number>\d+): ")
PAGE_STYLE = """
body { margin: 0; background: #fdfdfb; }
main { margin: 0 auto; --size: 16px; }
@media (prefers-color-scheme: dark) { body { background: #15181b; } }
"""


def write_page(reports: Sequence[Any], file: Path, left: Sequence[str] = ()) -> None:
    """Write reports to a file as one page; raise InputError where that cannot be done. left: lines on what is left."""
    try:
        file.write_text(page(reports, left), "utf-8")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}") from None


def page(reports: Sequence[Any], left: Sequence[str] = ()) -> str:
    """Return the page's text."""
    title = ", ".join(report.name for report in reports)
    body = "".join(_report(report) for report in reports)
    body += "".join(f'<p class="note">skipped: {_text(line)}</p>' for line in left)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>gradcheck: {_text(title)}</title>\n"
        f"<style>{html_style()}{PAGE_STYLE}</style></head>\n"
        f'<body><main class="scratchnet">\n{body}</main></body></html>\n'
    )


def report_fragment(report: Any) -> str:
    """Return what a notebook shows of a `Report`: the page's text, without headings for a table of contents."""
    return html_fragment(re.sub(r"(</?)h[12]\b", r"\1div", _report(report, folded=True)))


def _report(report: Any, folded: bool = False) -> str:
    parts = [f'<h1 class="verdict {"right" if report.ok else "wrong"}">{_text(report.verdict)}</h1>']
    if said := files_in_words(report.files):
        parts.append(f'<p class="note">{_text(said)}</p>')
    if report.diagnosis is not None:
        first, *others = report.diagnosis.as_text().splitlines()
        parts += [_title("Diagnosis"), f"<p><strong>{_text(first)}</strong></p>", *_paragraphs(others)]
    if report.where:
        parts += [_title("Where"), f"<p>{_text(report.where)}</p>"]
    parts += [_source(line) for line in report.first_lines]
    if report.further_lines:
        parts += [f'<p class="note">{_text(FURTHER)}</p>', *(_source(line) for line in report.further_lines)]
    if report.faults:
        parts += [_title("Other faults"), *_paragraphs(report.faults)]
    if report.blocks:
        parts += [_title("Gradients"), _block_table(report.blocks)]
    for name, found in report.maps.items():
        parts += [_title(f"Gate by time{f', {name}' if name else ''}: read it from right to left"), _map(found)]
    coverage = [] if report.coverage is None else report.coverage.as_text().splitlines()
    forward = "" if report.forward is None else report.forward.as_text()
    notes = (*report.notes, report.method_in_words, forward)
    setting = ", ".join(f"{name} {value}" for name, value in report.setting.items())
    parts += [f'<p class="note">{_text(note)}</p>' for note in notes if note]
    parts += [_title(CHECKED)] if not folded else [f"<details><summary>{CHECKED}</summary>"]
    parts += _paragraphs(filter(None, (*coverage, report.behaviour_checks_in_words)))
    parts.append(f"<footer>{_text(f'{report.precision_in_words}. {setting}'.strip('. '))}</footer>")
    return "\n".join([*parts, "</details>" if folded else ""])


def _title(words: str) -> str:
    return f'<h2 class="title">{_text(words)}</h2>'


def _paragraphs(lines: Iterable[str]) -> list[str]:
    return [f"<p>{_text(line)}</p>" for line in lines]


def _source(line: str) -> str:
    """Return a line "file:12: code" with the lines around it, as the file has them."""
    found = PLACE.match(line)
    if not found:
        return f"<pre>{_text(line)}</pre>"
    file, number = found["file"], int(found["number"])
    shown = []
    for k in range(max(1, number - AROUND), number + AROUND + 1):
        text = source_line(file, k, whole=True)
        numbered = f"{k:5}  {html.escape(text)}"
        shown.append(f"<mark>{numbered}</mark>" if k == number else numbered + "\n")
    return f'<p class="note">{_text(file)}</p><pre>{"".join(shown).rstrip()}</pre>'


def _block_table(blocks: Sequence[GradientComparison]) -> str:
    rows = []
    for block in blocks:
        rows.append(_row(block))
        rows += [_row(part, "part") for part in block.parts.values()] if not block.ok and len(block.parts) > 1 else []
    head = "<tr><th>dL/d...</th><th>error</th><th>cosine</th><th>length</th><th></th></tr>"
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>'


def _row(block: GradientComparison, kind: str = "") -> str:
    numbers = ["" if math.isnan(value) else f"{value:.3f}" for value in (block.cosine, block.size)]
    mark = "good" if block.ok else "bad"
    return (
        f'<tr class="{kind}"><td>{_text(block.name)}</td><td class="{mark}">{number(block.error, block.ok)}</td>'
        f'<td>{numbers[0]}</td><td>{numbers[1]}</td><td class="words">{_text(block.remark)}</td></tr>'
    )


def _map(found: TimeMap) -> str:
    head = "".join(f"<th>t={t}</th>" for t in range(found.packing.steps))
    rows = []
    for k, gate in enumerate(found.gates):
        cells = [_cell(float(found.errors[k, t]), not found.wrong_places[k, t]) for t in range(found.packing.steps)]
        rows.append(f"<tr><td>{_text(gate)}</td>{''.join(cells)}</tr>")
    alive = "".join(f"<td>{size}</td>" for size in found.packing.sizes)
    rows.append(f'<tr class="note"><td>sequences</td>{alive}</tr>')
    return (
        f'<div class="scroll"><table class="map"><thead><tr><th>gate</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(error: float, ok: bool) -> str:
    warm = warmth(error)
    return f'<td class="cell {"good" if ok else "bad"}" style="--warm: {round(45 * warm)}">{number(error, ok)}</td>'


def warmth(error: float) -> float:
    """Return how strongly an error is coloured, from 0 (1e-9 and below) to 1 (1 and above, or not a number)."""
    if not math.isfinite(error):
        return 1.0
    return min(1.0, max(0.0, (math.log10(max(error, 1e-12)) + 9.0) / 9.0))


def number(error: float, ok: bool) -> str:
    """Return an error as the terminal shows it: a wrong one has an exclamation mark."""
    text = "nan" if not math.isfinite(error) else f"{error:.2g}" if error >= 1e-3 or error == 0.0 else f"{error:.0e}"
    return text if ok else f"{text}!"


def _text(words: str) -> str:
    return html.escape(words)
