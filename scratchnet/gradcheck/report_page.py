"""A report as one page of HTML: no script, no picture, nothing to load, readable in light and in dark.

Read next: search.py.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from scratchnet.errors import InputError
from scratchnet.gradcheck.compare import GradientComparison
from scratchnet.gradcheck.files_read import files_in_words
from scratchnet.gradcheck.report import FURTHER, Report
from scratchnet.gradcheck.time_map import TimeMap
from scratchnet.usercode import source_line

AROUND = 2  # lines of source shown before and after the one that is meant
PLACE = re.compile(r"^(?P<file>.+?):(?P<number>\d+): ")
STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5f6b76; --paper: #fdfdfb; --line: #d9dde1; --card: #fff;
  --right: #17734a; --right-paper: #e6f4ec; --wrong: #b3261e; --wrong-paper: #fdecea; --warm: 8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --soft: #9aa5b0; --paper: #15181b; --line: #343a40;
  --card: #1c2024; --right: #6bd3a0; --right-paper: #14301f; --wrong: #ff8a80; --wrong-paper: #3a1714; } }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 3rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.35rem; padding: .8rem 1rem; border-radius: .5rem; margin: 2rem 0 1rem; }
h1.right { color: var(--right); background: var(--right-paper); }
h1.wrong { color: var(--wrong); background: var(--wrong-paper); }
h2 { font-size: 1rem; margin: 1.8rem 0 .4rem; color: var(--soft); font-weight: 600; }
p { margin: .4rem 0; } .note, footer { color: var(--soft); font-size: .9rem; }
.scroll { overflow-x: auto; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem;
  overflow-x: auto; font: 14px/1.45 ui-monospace, monospace; margin: .4rem 0; }
pre mark { background: var(--wrong-paper); color: var(--wrong); display: block; margin: 0 -.8rem; padding: 0 .8rem; }
table { border-collapse: collapse; font-size: .92rem; } caption { text-align: left; color: var(--soft); }
th, td { padding: .28rem .7rem; text-align: right; font-variant-numeric: tabular-nums;
  border-bottom: 1px solid var(--line); }
th:first-child, td:first-child, td.words { text-align: left; } thead th { color: var(--soft); font-weight: 600; }
tr.part td:first-child { padding-left: 1.7rem; color: var(--soft); }
td.bad { color: var(--wrong); font-weight: 600; } td.good { color: var(--right); }
table.map td.cell { min-width: 3.6rem; text-align: center; border: 2px solid var(--paper); border-radius: .3rem; }
table.map td.good { background: var(--right-paper); }
table.map td.bad { color: var(--ink);
  background: color-mix(in srgb, var(--wrong) calc(var(--warm) * 1%), var(--wrong-paper)); }
"""


def write_page(reports: Sequence[Report], file: Path, left: Sequence[str] = ()) -> None:
    """Write reports to a file as one page; raise InputError where that cannot be done. left: lines on what is left."""
    try:
        file.write_text(page(reports, left), "utf-8")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}") from None


def page(reports: Sequence[Report], left: Sequence[str] = ()) -> str:
    """Return the page's text."""
    title = ", ".join(report.name for report in reports)
    body = "".join(_report(report) for report in reports)
    body += "".join(f'<p class="note">skipped: {_text(line)}</p>' for line in left)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>gradcheck: {_text(title)}</title>\n"
        f"<style>{STYLE}</style></head>\n<body>\n{body}</body></html>\n"
    )


def _report(report: Report) -> str:
    parts = [f'<h1 class="{"right" if report.ok else "wrong"}">{_text(report.verdict)}</h1>']
    if said := files_in_words(report.files):
        parts.append(f'<p class="note">{_text(said)}</p>')
    if report.diagnosis is not None:
        first, *others = report.diagnosis.as_text().splitlines()
        parts += ["<h2>Diagnosis</h2>", f"<p><strong>{_text(first)}</strong></p>", *_paragraphs(others)]
    if report.where:
        parts += ["<h2>Where</h2>", f"<p>{_text(report.where)}</p>"]
    parts += [_source(line) for line in report.first_lines]
    if report.further_lines:
        parts += [f'<p class="note">{_text(FURTHER)}</p>', *(_source(line) for line in report.further_lines)]
    if report.faults:
        parts += ["<h2>Other faults</h2>", *_paragraphs(report.faults)]
    if report.blocks:
        parts += ["<h2>Gradients</h2>", _block_table(report.blocks)]
    for name, found in report.maps.items():
        parts += [f"<h2>Gate by time{f', {_text(name)}' if name else ''}: read it from right to left</h2>", _map(found)]
    if report.coverage is not None:
        parts += ["<h2>What the input exercised</h2>", *_paragraphs(report.coverage.as_text().splitlines())]
    forward = "" if report.forward is None else report.forward.as_text()
    notes = [
        note for note in (*report.notes, report.method_in_words, forward, report.behaviour_checks_in_words) if note
    ]
    parts += [f'<p class="note">{_text(note)}</p>' for note in notes]
    setting = ", ".join(f"{name} {value}" for name, value in report.setting.items())
    parts.append(f"<footer>{_text(f'{report.precision_in_words}. {setting}'.strip('. '))}</footer>\n")
    return "\n".join(parts)


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
