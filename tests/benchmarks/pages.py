"""Writes figures into the pages of docs/: their tables are made here, their prose by hand.

Read next: scratchnet/bench/report.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from scratchnet.bench import Table

DOCS = Path(__file__).parents[2] / "docs"
TABLE = re.compile(r"^\|.*\n(?:\|.*\n)*", re.MULTILINE)


def replace_tables(page: Path, tables: Mapping[str, Table]) -> None:
    """Put each table in the place of the first one below its heading; "" is the top of the page.

    Raises ValueError for a heading that the page lacks, or that has no table.
    """
    text = page.read_text(encoding="utf-8")
    for heading, table in tables.items():
        _, mark, rest = text.partition(f"\n## {heading}\n" if heading else "\n")
        old = TABLE.search(rest.partition("\n## ")[0])
        if not mark or old is None:
            raise ValueError(f"{page}: there is no table below the heading {heading!r}")
        text = text.removesuffix(rest) + rest[: old.start()] + table.markdown() + "\n" + rest[old.end() :]
    page.write_text(text, encoding="utf-8")


def facts_table(facts: Mapping[str, str]) -> Table:
    """Return a table of names and values, such as the machine and its versions."""
    return Table(("", ""), 2, list(facts.items()))
