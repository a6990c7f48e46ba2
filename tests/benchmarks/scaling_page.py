"""What the figures of scaling.py say: rates on one scale, knees, the fit of the memory; the picture and the page.

Products of a step are its work: for each target token, with G = 4 gates, E inputs, H units and V words,

    6 (2 G H (E + H) + H V)        floating point operations: two halves and the output; forward, and twice going back

Where cost grows as work, tokens/s times work per token (so many operations a second) follows its neighbours. A knee is
a size at which it does not: it lies off the line between them (over the logarithm of the size) by more than a tenth,
and by more than three times what chance does. How much that is, the base tells: it is measured anew with each piece.

Read next: scaling_words.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean, median, pstdev
from typing import Any

from scaling_words import explain, paragraphs

from scratchnet.bench.breakdown import KINDS
from scratchnet.bench.table import Table
from scratchnet.bench.worker import PRODUCTS

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
MEMORY = "memory"
TENTH = 0.1
CHANCE = 3 * math.sqrt(1.5)  # standard deviations; the line between two neighbours is off, too
INK, SOFT, LINE, PAPER = "#1c2024", "#6b7680", "#e3e6e9", "#ffffff"
COLOURS = {"numpy": "#2f6db3", "numba": "#1d8a5b", "torch": "#c8372d", PRODUCTS: "#a9b2ba"}


def split(piece: str) -> tuple[str, list[int]]:
    """Return the axis and the sizes of a piece: "T 200 400" is ("T", [200, 400])."""
    axis, *values = piece.split()
    return axis, [int(value) for value in values]


def work_per_token(axis: str, value: int) -> float:
    """Return the floating point operations of a step's products for each target token."""
    sizes = BASE | {axis: value}
    return 6.0 * (2 * 4 * sizes["H"] * (sizes["E"] + sizes["H"]) + sizes["H"] * sizes["V"])


@dataclass(frozen=True)
class Knee:
    """A size at which a contestant's operations a second are `departure` (a share) above or below its neighbours'."""

    axis: str
    value: int
    contestant: str
    departure: float


def departures(sizes: Sequence[float], rates: Sequence[float]) -> list[float]:
    """Return for each size but the outermost by what share its rate is off the line between its neighbours' rates."""
    x, y = [math.log(size) for size in sizes], [math.log(rate) for rate in rates]
    found = []
    for k in range(1, len(x) - 1):
        along = (x[k] - x[k - 1]) / (x[k + 1] - x[k - 1])
        found.append(math.exp(y[k] - (1 - along) * y[k - 1] - along * y[k + 1]) - 1)
    return found


def fit_line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Return (a, b, largest |y - (a + b x)| as a share of y) of the line whose shares' squares are least."""
    weights = [1 / value**2 for value in y]
    total = sum(weights)
    x_mean = sum(w * u for w, u in zip(weights, x, strict=True)) / total
    y_mean = sum(w * v for w, v in zip(weights, y, strict=True)) / total
    both = sum(w * (u - x_mean) * (v - y_mean) for w, u, v in zip(weights, x, y, strict=True))
    b = both / sum(w * (u - x_mean) ** 2 for w, u in zip(weights, x, strict=True))
    a = y_mean - b * x_mean
    return a, b, max(abs(v - (a + b * u)) / v for u, v in zip(x, y, strict=True))


class Figures:
    """The results of all pieces on one scale."""

    def __init__(self, held: dict[str, Any]) -> None:
        self.held = held
        self.machine: dict[str, str] = held["machine"]
        bases = [piece["base"]["tokens_per_second"] for piece in held["pieces"].values()]
        self.names = list(bases[0])
        usual = {name: median(base[name]["maximum"] for base in bases) for name in self.names}
        self.points: dict[str, dict[int, dict[str, Any]]] = {axis: {} for axis in AXES}
        self.drifts: list[float] = []
        self.clock: str = held["clock"]
        off: dict[str, list[float]] = {name: [] for name in self.names}
        for name, piece in held["pieces"].items():
            axis, values = split(name)
            base = piece["base"]["tokens_per_second"]
            drift = geometric_mean([base[one]["maximum"] / usual[one] for one in self.names])
            self.drifts.append(drift)
            for one in self.names:
                off[one].append(math.log(base[one]["maximum"] / usual[one] / drift))
            for value in values:
                rates = piece[str(value)]["tokens_per_second"]
                scaled = {one: rates[one]["maximum"] / drift for one in self.names}
                self.points[axis][value] = piece[str(value)] | {"rate": scaled}
            self.points[axis][BASE[axis]] = piece["base"] | {"rate": usual}

        self.noise = {name: pstdev(found) for name, found in off.items()}

    def rates(self, axis: str, name: str) -> list[float]:
        """Return a contestant's tokens a second along an axis."""
        return [self.points[axis][value]["rate"][name] for value in AXES[axis]]

    def speeds(self, axis: str, name: str) -> list[float]:
        """Return a contestant's floating point operations a second along an axis."""
        return [rate * work_per_token(axis, v) for rate, v in zip(self.rates(axis, name), AXES[axis], strict=True)]

    def knees(self) -> list[Knee]:
        """Return all knees, those of the products alone included."""
        return [
            Knee(axis, value, name, off)
            for axis, sizes in AXES.items()
            for name in self.names
            for value, off in zip(sizes[1:-1], departures(sizes, self.speeds(axis, name)), strict=True)
            if abs(off) > max(TENTH, CHANCE * self.noise[name])
        ]

    def memory(self) -> tuple[list[float], tuple[float, float, float]]:
        """Return the MiB of a step's arrays along T, and the line fitted to them."""
        found = [self.held["memory"][str(steps)] for steps in AXES["T"]]
        return found, fit_line(AXES["T"], found)

    def memory_in_words(self) -> str:
        """Return the fit of the memory in one line."""
        a, b, worst = self.memory()[1]
        return f"{a:.1f} MiB + {b:.3f} MiB x T, and no measured size lies off that line by more than {worst:.2%}"

    def in_short(self) -> Iterator[str]:
        """Yield what is printed: memory, knees, and each axis's extremes."""
        yield f"memory of a step's arrays: {self.memory_in_words()}"
        for knee in self.knees():
            yield knee_in_words(knee) + ("" if explain(knee) else ": NOT EXPLAINED")


def knee_in_words(knee: Knee) -> str:
    """Return a knee in words."""
    where = "above" if knee.departure > 0 else "below"
    return f"{knee.axis} {knee.value}, {knee.contestant}: {abs(knee.departure):.0%} {where} the line of its neighbours"


def draw(figures: Figures, file: Path) -> None:
    """Draw four panels, tokens a second against T, B, H and V; a ring is a knee."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 8.2), facecolor=PAPER, layout=None)
    FigureCanvasAgg(figure)
    rings = {(knee.axis, knee.contestant, knee.value) for knee in figures.knees()}
    for number, axis in enumerate(AXES):
        axes = figure.add_axes((0.07 + 0.5 * (number % 2), 0.55 - 0.47 * (number // 2), 0.41, 0.33))
        for name in (PRODUCTS, *(name for name in figures.names if name != PRODUCTS)):
            rates = figures.rates(axis, name)
            style = {"lw": 1.5, "ls": (0, (4, 3)), "ms": 0} if name == PRODUCTS else {"lw": 2.0, "ms": 5.5}
            axes.plot(AXES[axis], rates, marker="o", color=COLOURS[name], label=name, **style)
            for value, rate in zip(AXES[axis], rates, strict=True):
                if (axis, name, value) in rings and name != PRODUCTS:
                    axes.plot([value], [rate], "o", ms=12, mfc="none", mec=COLOURS[name], mew=1.2)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(AXES[axis], [f"{value:,}" for value in AXES[axis]], size=8.5, color=SOFT)
        every = [rate for name in figures.names for rate in figures.rates(axis, name)]
        low, high = min(every) / 1.25, max(every) * 1.25
        if high / low < 10:
            low, high = low / 1.6, high * 1.6
        ticks = [m * 10**n for n in range(1, 8) for m in (1, 2, 5) if low <= m * 10**n <= high]
        axes.set_ylim(low, high)
        axes.set_yticks(ticks, [f"{tick:,}" for tick in ticks], size=8.5, color=SOFT)
        axes.minorticks_off()
        axes.grid(axis="y", color=LINE, lw=0.8)
        axes.set_axisbelow(True)
        axes.set_xlabel(IN_WORDS[axis], size=9.5, color=INK)
        axes.set_ylabel("target tokens / s", size=9.5, color=INK)
        fixed = ", ".join(f"{name} {BASE[name]:,}" for name in BASE if name != axis)
        axes.set_title(f"{axis} grows   ({fixed})", loc="left", size=10, color=INK, pad=8)
        for side, line in axes.spines.items():
            line.set_visible(side == "bottom")
            line.set_color(LINE)
        axes.tick_params(length=0)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="upper right", ncols=4, frameon=False, fontsize=9.5, bbox_to_anchor=(0.985, 0.985)
    )
    figure.text(0.07, 0.955, "A training step's rate", color=INK, weight="bold", size=13)
    note = "products alone: the step's matrix products and nothing else. A ring: a knee (see the page)."
    figure.text(0.07, 0.93, note, color=SOFT, size=9)
    figure.savefig(file, dpi=140)


def page(figures: Figures, example: dict[str, Any] | None) -> Iterator[str]:
    """Yield the lines of the page."""
    yield from paragraphs("top")
    yield "| | |\n|---|---|"
    yield from (f"| {name} | {value} |" for name, value in figures.machine.items())
    yield from ("", "![Tokens a second against T, B, H and V](images/scaling.png)", "")
    yield from paragraphs("rule")
    spread = ", ".join(f"{name} {noise:.0%}" for name, noise in figures.noise.items())
    yield from (f"Measured {len(figures.drifts)} times, the same size spread by (standard deviation): {spread}.", "")
    for axis in AXES:
        yield from (f"## {IN_WORDS[axis]}", "", axis_table(figures, axis).markdown(), "")
        yield from paragraphs(axis)
        knees = [knee for knee in figures.knees() if knee.axis == axis]
        for knee in knees:
            yield f"- **{knee_in_words(knee)}.** {explain(knee) or 'Not explained.'}"
        yield from ([""] if knees else ["No knee.", ""])
    yield from ("## Memory against T", "", memory_table(figures).markdown(), "")
    yield from (f"The line through the second column: {figures.memory_in_words()}.", "")
    yield from paragraphs("memory")
    if example is not None:
        yield from ("## The example, before and after", "", *paragraphs("example"))
        yield from (example["text"], "")


def axis_table(figures: Figures, axis: str) -> Table:
    """Return rates along an axis, operations a second, and where the time of the fastest backend's step goes."""
    ours = "numba" if "numba" in figures.names else "numpy"
    shares = tuple(f"{kind}, %" for kind in KINDS)
    table = Table((axis, *figures.names, f"{ours}: GFLOP/s", "of the products alone", *shares), 0)
    for value, speed in zip(AXES[axis], figures.speeds(axis, ours), strict=True):
        point = figures.points[axis][value]
        rates = (f"{point['rate'][name]:,.0f}" for name in figures.names)
        parts = point["breakdown"][ours]
        percent = (f"{100 * parts[kind] / sum(parts.values()):.0f}" for kind in KINDS)
        floor = f"{point['rate'][ours] / point['rate'][PRODUCTS]:.0%}"
        table.rows.append((f"{value:,}", *rates, f"{speed / 1e9:,.0f}", floor, *percent))
    return table


def memory_table(figures: Figures) -> Table:
    """Return the memory along T: of a step's arrays, and the most that whole processes held."""
    others = [name for name in figures.names if name != PRODUCTS]
    table = Table(("T", "a step's arrays, MiB", *(f"process {name}, MiB" for name in others)), 0)
    for steps, mib in zip(AXES["T"], figures.memory()[0], strict=True):
        peaks = (f"{figures.points['T'][steps]['peak_mib'][name]:,.0f}" for name in others)
        table.rows.append((str(steps), f"{mib:,.1f}", *peaks))
    return table
