"""Outcomes as HTML: a page for each file, with its source and the mended lines beside it, and an index of all.

A page is one file: no script, no picture, nothing to load.

Read next: ../../usercode/__init__.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from scratchnet.errors import InputError
from scratchnet.gradcheck.reports.outcome import Outcome
from scratchnet.gradcheck.reports.source_listing import listings
from scratchnet.gradcheck.reports.table import in_numbers
from scratchnet.gradcheck.words import line_numbers, lines_of, mistake, result
from scratchnet.visual import html_style

INDEX = "index.html"
STYLE = """
body { margin: 0; background: #fdfdfb; }
main { margin: 0 auto; --size: 16px; }
@media (prefers-color-scheme: dark) { body { background: #15181b; } }
"""


def write_pages(outcomes: Sequence[Outcome], place: Path, bare: bool = False) -> list[Path]:
    """Write outcomes as HTML; return the files, that to open first.

    place: a folder, for a page for each and an index; or a file, *.html, for all of it on one page.
    bare: without lines and mistakes. Raises InputError where a file cannot be written.
    """
    if place.suffix.lower() in (".html", ".htm"):
        parts = [_index(outcomes, [f"#{k}" for k in range(len(outcomes))], bare)] if len(outcomes) > 1 else []
        parts += [f'<section id="{k}">{as_html(one, bare)}</section>' for k, one in enumerate(outcomes)]
        return [_write(place, _page(_title(outcomes), parts))]
    names = page_names(outcomes)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{place} cannot be made a folder: {error.strerror or error}") from None
    index = _page(_title(outcomes), [_index(outcomes, [quote(name) for name in names], bare)])
    back = f'<p class="note"><a href="{INDEX}">all files</a></p>'
    pages = [
        _write(place / name, _page(str(one.file), [back, as_html(one, bare)]))
        for name, one in zip(names, outcomes, strict=True)
    ]
    return [_write(place / INDEX, index), *pages]


def page_names(outcomes: Sequence[Outcome]) -> list[str]:
    """Return a name for each page, all different: that of the file, with its folders where another is called so."""
    short = [one.file.name for one in outcomes]
    found: list[str] = []
    for one, name in zip(outcomes, short, strict=True):
        parts = [part for part in one.file.parts if part not in ("..", ".", one.file.anchor)]
        base = name if short.count(name) == 1 else "-".join(parts)
        made, number = f"{base}.html", 1
        while made.lower() in (INDEX, *(other.lower() for other in found)):
            number += 1
            made = f"{base}-{number}.html"
        found.append(made)
    return found


def _title(outcomes: Sequence[Outcome]) -> str:
    return str(outcomes[0].file) if len(outcomes) == 1 else in_numbers(outcomes)


def _index(outcomes: Sequence[Outcome], links: Iterable[str], bare: bool) -> str:
    titles = ["file", "result", *([] if bare else ["what", "line"]), "seconds"]
    rows = []
    for one, link in zip(outcomes, links, strict=True):
        kind = "good" if one.verdict.ok else "bad"
        said = [mistake(one.verdict), line_numbers(one.verdict)]
        cells = [f'<td><a href="{escape(link)}">{escape(str(one.file))}</a></td>']
        cells += [f'<td class="words {kind}">{escape(result(one.verdict))}</td>']
        cells += [] if bare else [f'<td class="words long">{escape(text)}</td>' for text in said]
        rows.append(f"<tr>{''.join(cells)}<td>{one.seconds:.1f}</td></tr>")
    head = "".join(f'<th class="{"" if title == "seconds" else "words"}">{title}</th>' for title in titles)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<h1>{escape(in_numbers(outcomes))}</h1><div class="scroll">{table}</div>'


def as_html(one: Outcome, bare: bool = False) -> str:
    """Return one outcome as a part of a page."""
    first, *others = lines_of(one.verdict, full=True)
    parts = [f'<h1 class="verdict {"right" if one.verdict.ok else "wrong"}">{escape(first)}</h1>']
    parts += [f'<pre class="said">{escape(chr(10).join(others))}</pre>'] if others else []
    if digits := one.verdict.digits:
        rows = [_digits(name, value, name in one.verdict.wrong) for name, value in digits.items()]
        head = '<tr><th>dL/d...</th><th>right to digits</th><th class="words"></th></tr>'
        parts.append(f'<div class="scroll"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>')
    return "\n".join([*parts, *([] if bare else listings(one.verdict, one.file))])


def _digits(name: str, digits: float, wrong: bool) -> str:
    shown = f"{digits:.0f}" if digits >= 0 else "none"  # of another shape, missing, or no number
    kind, word = ("bad", "wrong") if wrong else ("good", "right")
    return f'<tr><td>{escape(name)}</td><td class="{kind}">{shown}</td><td class="words {kind}">{word}</td></tr>'


def _page(title: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>gradcheck: {escape(title)}</title>\n<style>{html_style()}{STYLE}</style></head>\n"
        f'<body><main class="scratchnet">\n{body}\n</main></body></html>\n'
    )


def _write(file: Path, text: str) -> Path:
    try:
        file.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror or error}") from None
    return file
