"""Every picture that the library draws, into files, with matplotlib.

    gradcheck_picture(reports, Path("check.png"))     the gradients and the gate-by-time map of a check

Read next: html_style.py.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scratchnet.errors import InputError

INK, SOFT, LINE, RIGHT, WRONG, PAPER = "#1c2024", "#6b7680", "#e3e6e9", "#1d8a5b", "#c8372d", "#ffffff"
# From right (pale green) over doubtful (sand) to wrong (red), along the logarithm of the error.
SHADES = ((0.0, "#dff1e7"), (0.30, "#eaf3dc"), (0.45, "#fbefd0"), (0.72, "#f3b28a"), (1.0, "#cf4a3c"))
LEAST, MOST = -16.0, 1.0  # of the logarithm of an error
WIDTH, ROW, CELL, TEXT = 11.0, 0.34, 0.72, 0.225  # inches


def gradcheck_picture(reports: Sequence[Any], file: Path) -> None:
    """Draw reports of `scratchnet.gradcheck` into a file; its ending says the format (.png, .svg, .pdf).

    Raises InputError where the file cannot be written, or has an ending that is no picture's.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    heights = [_height(report) for report in reports]
    figure = Figure(figsize=(WIDTH, sum(heights)), facecolor=PAPER, layout=None)
    FigureCanvasAgg(figure)
    top = sum(heights)
    for report, height in zip(reports, heights, strict=True):
        _draw(figure, report, top / sum(heights), height / sum(heights), height)
        top -= height
    try:
        figure.savefig(file, dpi=160)
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be written: {error}") from None


def _told(report: Any) -> list[tuple[str, str, str]]:
    """Return (text, colour, weight) of the lines above the drawings."""
    lines = [(report.verdict, RIGHT if report.ok else WRONG, "bold")]
    if report.diagnosis is not None:
        first, *others = report.diagnosis.as_text().splitlines()
        lines += [(f"diagnosis: {first}", INK, "bold"), *((line.strip(), INK, "normal") for line in others)]
    elif report.where:
        lines.append((report.where, INK, "normal"))
    lines += [(f"wrong: {fault}", WRONG, "normal") for fault in report.faults]
    wrapped = []
    for text, colour, weight in lines:
        wrapped += [(part, colour, weight) for part in textwrap.wrap(text, 118) or [""]]
    return wrapped


def _height(report: Any) -> float:
    rows = max(len(report.blocks), 0 if report.map is None else len(report.map.gates) + 2, 1)
    return 0.55 + TEXT * len(_told(report)) + (1.1 + ROW * rows if report.blocks else 0.3)


def _draw(figure: Any, report: Any, top: float, share: float, height: float) -> None:
    told = _told(report)
    line = share * TEXT / height
    for k, (text, colour, weight) in enumerate(told):
        size = 13 if k == 0 else 9.5
        figure.text(0.035, top - share * 0.38 / height - k * line, text, color=colour, weight=weight, size=size)
    if not report.blocks:
        return
    upper = top - share * (0.80 / height) - len(told) * line
    lower = top - share + share * 0.42 / height
    _blocks(figure.add_axes((0.115, lower, 0.35, upper - lower)), report)
    if report.map is not None:
        tall = min(upper - lower, share * (CELL * len(report.map.gates)) / height)
        _map(figure.add_axes((0.575, upper - tall, 0.395, tall)), report.map)


def _blocks(axes: Any, report: Any) -> None:
    """Draw the error of each gradient as a dot on a logarithmic scale, with the largest error that passes."""
    blocks = list(reversed(report.blocks))
    for k, block in enumerate(blocks):
        at = _log(block.error)
        colour = RIGHT if block.ok else WRONG
        axes.plot([LEAST, at], [k, k], color=LINE, lw=5, solid_capstyle="round", zorder=1)
        axes.plot([at], [k], "o", color=colour, ms=7, zorder=3)
        text = number(block.error) if not block.remark or len(block.remark) > 24 else block.remark
        axes.annotate(text, (at, k), (8, 0), textcoords="offset points", va="center", size=8.5, color=colour)
    limit = math.log10(report.blocks[0].tolerance)
    axes.axvline(limit, color=SOFT, lw=1, ls=(0, (3, 3)), zorder=0)
    axes.text(limit, len(blocks) - 0.42, "passes  |  fails", ha="center", va="bottom", size=7.5, color=SOFT)
    axes.set_yticks(range(len(blocks)), [block.name for block in blocks], size=9.5)
    for label, block in zip(axes.get_yticklabels(), blocks, strict=True):
        label.set_color(INK if block.ok else WRONG)
        label.set_fontweight("normal" if block.ok else "bold")
    axes.set_xlim(LEAST - 0.5, MOST + 3.5)
    axes.set_ylim(-0.6, len(blocks) - 0.4)
    axes.set_xticks([-15, -12, -9, -6, -3, 0], ["1e-15", "1e-12", "1e-9", "1e-6", "1e-3", "1"], size=8, color=SOFT)
    axes.set_title("error of each gradient", loc="left", size=10, color=INK, pad=16)
    _plain(axes)


def _map(axes: Any, found: Any) -> None:
    """Draw the gate-by-time map: the error of dL/d(a) at every gate and step."""
    from matplotlib.colors import LinearSegmentedColormap

    gates, steps = found.errors.shape
    up = 0.14 / (axes.get_position().height * axes.figure.get_figheight())
    values = [[_log(float(found.errors[k, t])) for t in range(steps)] for k in range(gates)]
    shades = LinearSegmentedColormap.from_list("errors", SHADES)
    axes.imshow(values, cmap=shades, vmin=LEAST, vmax=MOST, aspect="auto")
    for k in range(gates):
        for t in range(steps):
            wrong = bool(found.wrong_places[k, t])
            text = number(float(found.errors[k, t])) + ("!" if wrong else "")
            axes.text(t, k, text, ha="center", va="center", size=9, color=INK if wrong else SOFT,
                      weight="bold" if wrong else "normal")  # fmt: skip
    axes.set_xticks([t - 0.5 for t in range(1, steps)], minor=True)
    axes.set_yticks([k - 0.5 for k in range(1, gates)], minor=True)
    axes.grid(which="minor", color=PAPER, lw=3)
    axes.tick_params(which="both", length=0)
    labels = [f"t={t}\n{size} alive" for t, size in enumerate(found.packing.sizes)]
    axes.set_xticks(range(steps), labels, size=8, color=SOFT)
    axes.set_yticks(range(gates), [f"gate {gate}" if len(found.gates) > 1 else gate for gate in found.gates], size=9.5)
    axes.set_title("error of dL/d(pre-activation) by gate and step", loc="left", size=10, color=INK, pad=16)
    axes.annotate("read it backwards", (1.0, 1.0), (0, 7), xycoords="axes fraction", textcoords="offset points",
                  ha="right", size=7.5, color=SOFT)  # fmt: skip
    axes.annotate("", (0.0, 1.0 + up), (0.76, 1.0 + up), xycoords="axes fraction", textcoords="axes fraction",
                  arrowprops={"arrowstyle": "->", "color": SOFT, "lw": 1.0, "shrinkA": 0, "shrinkB": 0},
                  annotation_clip=False)  # fmt: skip
    for side in axes.spines.values():
        side.set_visible(False)


def _plain(axes: Any) -> None:
    for name, side in axes.spines.items():
        side.set_visible(name == "bottom")
        side.set_color(LINE)
    axes.tick_params(length=0)


def _log(error: float) -> float:
    """Return the place of an error on the scale; what is not a number stands at the far end."""
    return MOST if not math.isfinite(error) else min(MOST, max(LEAST, math.log10(max(error, 1e-300))))


def number(error: float) -> str:
    """Return an error as text: "4e-16", "0.39", "nan"."""
    if not math.isfinite(error):
        return "nan"
    return f"{error:.2g}" if error >= 1e-3 or error == 0.0 else f"{error:.0e}"
