"""What the figures of scaling.py say: rates on one scale, breakpoints, the fit of the memory; picture and tables.

Products of a step are its work: for each target token, with G = 4 gates, E inputs, H units and V words,

    6 (2 G H (E + H) + H V)        floating point operations: two halves and the output; forward, and twice going back

Where cost grows as work, tokens/s times work per token (operations per second) follows its neighbours. A breakpoint is
a size at which it does not: it is off the line between them (over the logarithm of the size) by more than a tenth, and
by more than three times what chance does. Chance is measured at the base case, which every group measures again.

Read next: pages.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean, median, pstdev
from typing import Any

import numpy as np
from pages import facts_table

from scratchnet.bench import KINDS, MATMUL, Table

BASE = {"T": 20, "B": 64, "H": 256, "V": 4000, "E": 128}
AXES = {
    "T": (10, 20, 50, 100, 200, 400),
    "B": (1, 4, 16, 64, 256, 512),
    "H": (64, 128, 256, 512, 768, 1024),
    "V": (500, 1000, 2000, 4000, 8000, 16000, 32000),
}
IN_WORDS = {
    "T": "T, steps in each half",
    "B": "B, sentences in a batch",
    "H": "H, units of the layer",
    "V": "V, words in each language",
}
TENTH = 0.1
CHANCE = 3 * math.sqrt(1.5)  # standard deviations; the line between two neighbours is off, too
INK, SOFT, LINE, PAPER = "#1c2024", "#6b7680", "#e3e6e9", "#ffffff"
COLOURS = {"numpy": "#2f6db3", "numba": "#1d8a5b", "torch": "#c8372d", MATMUL: "#a9b2ba"}


def split(group: str) -> tuple[str, list[int]]:
    """Return the axis and the sizes of a group: "T 200 400" is ("T", [200, 400])."""
    axis, *values = group.split()
    return axis, [int(value) for value in values]


def work_per_token(axis: str, value: int) -> float:
    """Return the floating point operations of a step's products for each target token."""
    sizes = BASE | {axis: value}
    return 6.0 * (2 * 4 * sizes["H"] * (sizes["E"] + sizes["H"]) + sizes["H"] * sizes["V"])


@dataclass(frozen=True)
class Breakpoint:
    """A size at which an implementation's rate is off the line of its neighbours by `departure`, a share."""

    axis: str
    value: int
    name: str
    departure: float


def departures(sizes: Sequence[float], rates: Sequence[float]) -> list[float]:
    """Return for each size but the first and last by what share its rate is off the line between its neighbours'."""
    x, y = [math.log(size) for size in sizes], [math.log(rate) for rate in rates]
    found = []
    for k in range(1, len(x) - 1):
        along = (x[k] - x[k - 1]) / (x[k + 1] - x[k - 1])
        found.append(math.exp(y[k] - (1 - along) * y[k - 1] - along * y[k + 1]) - 1)
    return found


def fit_line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Return (a, b, largest |y - (a + b x)| as a share of y) of the line whose shares' squares are least."""
    b, a = map(float, np.polyfit(x, y, 1, w=1 / np.asarray(y)))
    return a, b, max(abs(v - (a + b * u)) / v for u, v in zip(x, y, strict=True))


class Figures:
    """The results of all groups on one scale."""

    def __init__(self, held: dict[str, Any]) -> None:
        self.held = held
        self.machine: dict[str, str] = held["machine"]
        bases = [group["base"]["tokens_per_second"] for group in held["groups"].values()]
        self.names = list(bases[0])
        usual = {name: median(base[name]["maximum"] for base in bases) for name in self.names}
        self.points: dict[str, dict[int, dict[str, Any]]] = {axis: {} for axis in AXES}
        self.drifts: list[float] = []
        off: dict[str, list[float]] = {name: [] for name in self.names}
        for label, group in held["groups"].items():
            axis, values = split(label)
            base = {name: rate["maximum"] for name, rate in group["base"]["tokens_per_second"].items()}
            drift = geometric_mean([base[name] / usual[name] for name in self.names])
            self.drifts.append(drift)
            for name in self.names:
                off[name].append(math.log(base[name] / usual[name] / drift))
            for value in values:
                rates = group[str(value)]["tokens_per_second"]
                scaled = {name: rates[name]["maximum"] / drift for name in self.names}
                self.points[axis][value] = group[str(value)] | {"rate": scaled}
            self.points[axis][BASE[axis]] = group["base"] | {"rate": usual}
        self.noise = {name: pstdev(found) for name, found in off.items()}

    def rates(self, axis: str, name: str) -> list[float]:
        """Return an implementation's tokens per second along an axis."""
        return [self.points[axis][value]["rate"][name] for value in AXES[axis]]

    def speeds(self, axis: str, name: str) -> list[float]:
        """Return an implementation's floating point operations per second along an axis."""
        return [rate * work_per_token(axis, v) for rate, v in zip(self.rates(axis, name), AXES[axis], strict=True)]

    def breakpoints(self) -> list[Breakpoint]:
        """Return all breakpoints, those of the matmul bound included."""
        return [
            Breakpoint(axis, value, name, off)
            for axis, sizes in AXES.items()
            for name in self.names
            for value, off in zip(sizes[1:-1], departures(sizes, self.speeds(axis, name)), strict=True)
            if abs(off) > max(TENTH, CHANCE * self.noise[name])
        ]

    def tables(self) -> dict[str, Table]:
        """Return heading -> table of docs/speed_scaling.md."""
        found = {"": facts_table(self.machine), **{IN_WORDS[axis]: axis_table(self, axis) for axis in AXES}}
        points = Table(("size", "implementation", "off the line of its neighbours"), 2)
        points.rows = [(f"{p.axis} {p.value:,}", p.name, f"{p.departure:+.0%}") for p in self.breakpoints()]
        noise = Table(tuple(self.noise), 0, [tuple(f"{share:.0%}" for share in self.noise.values())])
        return found | {"Noise": noise, "Breakpoints": points, "Memory against T": memory_table(self)}


def draw(figures: Figures, file: Path) -> None:
    """Draw four panels, tokens per second against T, B, H and V; a ring is a breakpoint."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator

    figure = Figure(figsize=(11.0, 8.2), facecolor=PAPER, layout=None)
    FigureCanvasAgg(figure)
    rings = {(point.axis, point.name, point.value) for point in figures.breakpoints() if point.name != MATMUL}
    for number, axis in enumerate(AXES):
        axes = figure.add_axes((0.07 + 0.5 * (number % 2), 0.55 - 0.47 * (number // 2), 0.41, 0.33))
        for name in (MATMUL, *(name for name in figures.names if name != MATMUL)):
            rates = figures.rates(axis, name)
            style = {"lw": 1.5, "ls": (0, (4, 3)), "ms": 0} if name == MATMUL else {"lw": 2.0, "ms": 5.5}
            axes.plot(AXES[axis], rates, marker="o", color=COLOURS[name], label=name, **style)
            for value, rate in zip(AXES[axis], rates, strict=True):
                if (axis, name, value) in rings:
                    axes.plot([value], [rate], "o", ms=12, mfc="none", mec=COLOURS[name], mew=1.2)
        axes.set(xscale="log", yscale="log")
        axes.set_xticks(AXES[axis], [f"{value:,}" for value in AXES[axis]])
        every = [rate for name in figures.names for rate in figures.rates(axis, name)]
        widen = 1.25 if max(every) > 6 * min(every) else 2  # so that noise looks small where rates hardly change
        axes.set(ylim=(min(every) / widen, max(every) * widen), xlabel=IN_WORDS[axis], ylabel="target tokens / s")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.minorticks_off()
        axes.grid(axis="y", color=LINE, lw=0.8)
        axes.set_axisbelow(True)
        fixed = ", ".join(f"{name} {BASE[name]:,}" for name in BASE if name != axis)
        axes.set_title(f"{axis} grows   ({fixed})", loc="left", size=10, color=INK, pad=8)
        axes.spines[["top", "left", "right"]].set_visible(False)
        axes.spines["bottom"].set_color(LINE)
        axes.tick_params(length=0, labelsize=8.5, labelcolor=SOFT)
    figure.legend(*axes.get_legend_handles_labels(), loc=(0.56, 0.945), ncols=4, frameon=False, fontsize=9.5)
    figure.text(0.07, 0.955, "The rate of a training step", color=INK, weight="bold", size=13)
    note = "matmul bound: the step's matrix products and nothing else. A ring: a breakpoint (see the page)."
    figure.text(0.07, 0.93, note, color=SOFT, size=9)
    figure.savefig(file, dpi=140)


def axis_table(figures: Figures, axis: str) -> Table:
    """Return rates along an axis, operations per second, and where the time of the fastest backend's step goes."""
    ours = "numba" if "numba" in figures.names else "numpy"
    shares = tuple(f"{kind}, %" for kind in KINDS)
    table = Table((axis, *figures.names, f"{ours}: GFLOP/s", "of the bound", *shares), 0)
    for value, speed in zip(AXES[axis], figures.speeds(axis, ours), strict=True):
        point = figures.points[axis][value]
        rates = (f"{point['rate'][name]:,.0f}" for name in figures.names)
        parts = point["breakdown"][ours]
        percent = (f"{100 * parts[kind] / sum(parts.values()):.0f}" for kind in KINDS)
        bound = f"{point['rate'][ours] / point['rate'][MATMUL]:.0%}"
        table.rows.append((f"{value:,}", *rates, f"{speed / 1e9:,.0f}", bound, *percent))
    return table


def memory_table(figures: Figures) -> Table:
    """Return the memory along T: that of a step's arrays, and the peaks of whole processes."""
    others = [name for name in figures.names if name != MATMUL]
    table = Table(("T", "a step's arrays, MiB", *(f"process {name}, MiB" for name in others)), 0)
    arrays = [figures.held["memory"][str(steps)] for steps in AXES["T"]]
    for steps, mib in zip(AXES["T"], arrays, strict=True):
        peaks = (figures.points["T"][steps]["peak_mib"][name] for name in others)
        shown = ("not measured" if peak is None else f"{peak:,.0f}" for peak in peaks)
        table.rows.append((str(steps), f"{mib:,.1f}", *shown))
    a, b, worst = fit_line(AXES["T"], arrays)
    table.rows.append((f"{a:.1f} + {b:.3f} T", f"within {worst:.2%}", *[""] * len(others)))
    return table
