"""Draw the three pictures of docs/how_the_check_finds_it.md, with the numbers of the recurrent layer in that page.

python docs/images/draw_the_check.py         writes check_adjoints.png, check_forcing.png, check_matching.png beside it

The background is drawn, so that they can be read on a dark page as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyBboxPatch

FOLDER = Path(__file__).parent
INK, SOFT, LINE, PAPER = "#1c2024", "#6b7680", "#c9ced3", "#ffffff"
BLUE, PALE_BLUE, RED, PALE_RED, GREEN, PALE_GREEN = "#2f6db3", "#e4eefa", "#c8372d", "#f9dcd9", "#1d8a5b", "#d8f0e4"
CODE = "DejaVu Sans Mono"
STEPS = 3
Numbers = np.ndarray[Any, Any]
STATEMENTS = ("dh * (1 - h)", "x.T @ da", "h.T @ da", "da.sum(axis=0)", "da @ W.T", "da @ U")
WRONG = (0, 2, 5)


def values(forced: tuple[int, ...]) -> tuple[list[list[Numbers]], Numbers]:
    """Return what each statement of the page's backward yields at steps 3, 2, 1, those in `forced` put right; and U."""
    random = np.random.default_rng(3)
    X, before, W, U, b = (0.6 * random.normal(size=size) for size in ((STEPS, 2, 3), (2, 4), (3, 4), (4, 4), (4,)))
    cache = []
    for x in X:
        h = np.tanh(x @ W + before @ U + b)
        cache.append((x, before, h))
        before = h
    dh, found = random.normal(size=(2, 4)), []
    true_dh = dh
    for x, before, h in reversed(cache):
        right = true_dh * (1 - h**2)
        da = right if 0 in forced else dh * (1 - h)
        found.append([da, x.T @ da, (before if 2 in forced else h).T @ da, da.sum(axis=0), da @ W.T])
        true_dh = right @ U.T
        dh = true_dh if 5 in forced else da @ U
        found[-1].append(dh)
    return found, U


def page(width: float, height: float) -> tuple[Any, Any]:
    """Return a figure and its axes, in inches, without a frame."""
    figure = plt.figure(figsize=(width, height), facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return figure, axes


def box(axes: Any, x: float, y: float, width: float, height: float, face: str, edge: str) -> None:
    style = "round,pad=0,rounding_size=0.06"
    axes.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=style, facecolor=face, edgecolor=edge, linewidth=1.2))


def arrow(axes: Any, start: tuple[float, float], end: tuple[float, float], colour: str, bend: float = 0.0) -> None:
    look = {"arrowstyle": "-|>", "color": colour, "lw": 1.6, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 12}
    axes.annotate("", end, start, arrowprops={**look, "connectionstyle": f"arc3,rad={bend}"})


def draw_adjoints() -> None:
    """Draw the unrolled layer: what the forward computes, and under each value the derivative that comes back."""
    figure, axes = page(8, 3.2)
    axes.text(0.3, 2.95, "forward: each value remembers what it was made of", color=INK, fontsize=11, va="center")
    axes.text(0.3, 0.3, "one walk back: each value gets its adjoint", color=BLUE, fontsize=11, va="center")

    def value(x: float, name: str, adjoint: str) -> None:
        box(axes, x - 0.36, 1.85, 0.72, 0.5, PAPER, INK)
        axes.text(x, 2.09, name, color=INK, fontsize=13, ha="center", va="center")
        box(axes, x - 0.36, 0.75, 0.72, 0.62, PALE_BLUE, BLUE)
        axes.text(x, 1.05, adjoint, color=BLUE, fontsize=17, ha="center", va="center")
        axes.plot([x, x], [1.4, 1.82], color=LINE, lw=1.2, ls=":")

    names = [("$h_0$", r"$\frac{\partial L}{\partial h_0}$")]
    for t in range(1, STEPS + 1):
        names += [(f"$a_{t}$", rf"$\frac{{\partial L}}{{\partial a_{t}}}$")]
        names += [(f"$h_{t}$", rf"$\frac{{\partial L}}{{\partial h_{t}}}$")]
    names.append(("$L$", "1"))
    gap = 7.2 / len(names)
    for k, (name, adjoint) in enumerate(names):
        x = 0.4 + gap * (k + 0.5)
        value(x, name, adjoint)
        if k + 1 < len(names):
            arrow(axes, (x + 0.37, 2.1), (x + gap - 0.37, 2.1), INK)
            arrow(axes, (x + gap - 0.37, 1.06), (x + 0.37, 1.06), BLUE)
        if name.startswith("$a"):
            axes.text(x, 2.72, f"$x_{name[3]}$", color=INK, fontsize=12, ha="center", va="center")
            arrow(axes, (x, 2.6), (x, 2.37), INK)
    axes.text(7.7, 0.3, "the backward should have the same numbers", color=SOFT, fontsize=9.5, ha="right", va="center")
    figure.savefig(FOLDER / "check_adjoints.png", dpi=200)
    plt.close(figure)


def draw_forcing() -> None:
    """Draw which values of the backward are adjoints: as it is, then with one statement after another forced."""
    truth, _ = values(WRONG)
    figure, axes = page(8, 3.5)
    titles = ("as it is", "first one forced", "second one, too", "third one, too")
    cell, left, top = 0.36, 2.0, 2.45
    for row, text in enumerate(STATEMENTS):
        axes.text(left - 0.15, top - row * cell, text, family=CODE, fontsize=9.5, color=INK, ha="right", va="center")
    for panel, title in enumerate(titles):
        forced, x0 = WRONG[:panel], left + panel * 1.49
        axes.text(x0 + 1.5 * cell, 3.15, title, fontsize=10.5, color=INK, ha="center", va="center")
        found, _ = values(forced)
        bad = [row for row in range(len(STATEMENTS)) if not np.allclose(found[0][row], truth[0][row])]
        for column in range(STEPS):
            axes.text(x0 + (column + 0.5) * cell, 2.84, f"t={STEPS - column}", fontsize=8.5, color=SOFT, ha="center")
            for row in range(len(STATEMENTS)):
                right = np.allclose(found[column][row], truth[column][row])
                face, edge = (PALE_GREEN, GREEN) if right else (PALE_RED, RED)
                put = row in forced
                face = GREEN if put else face
                box(axes, x0 + column * cell + 0.02, top - row * cell - 0.16, cell - 0.04, 0.32, face, edge)
                mark = "\N{CHECK MARK}" if right else "\N{MULTIPLICATION X}"
                colour = PAPER if put else edge
                place = (x0 + (column + 0.5) * cell, top - row * cell - 0.01)
                axes.text(*place, mark, family="DejaVu Sans", color=colour, fontsize=10, ha="center", va="center")
        if bad:
            y = top - bad[0] * cell
            box(axes, x0 - 0.01, y - 0.19, cell + 0.02, 0.38, "none", INK)
    axes.text(0.3, 0.17, "\N{CHECK MARK} is an adjoint", family="DejaVu Sans", color=GREEN, fontsize=9.5, va="center")
    axes.text(1.85, 0.17, "\N{MULTIPLICATION X} is none", family="DejaVu Sans", color=RED, fontsize=9.5, va="center")
    axes.text(3.0, 0.17, "framed: the first that is wrong, forced next", color=INK, fontsize=9.5, va="center")
    axes.text(6.55, 0.17, "\N{CHECK MARK}", family="DejaVu Sans", color=PAPER, fontsize=9.5, va="center",
              bbox={"facecolor": GREEN, "edgecolor": GREEN, "boxstyle": "round,pad=0.2"})  # fmt: skip
    axes.text(6.82, 0.17, "forced", color=GREEN, fontsize=9.5, va="center")
    figure.savefig(FOLDER / "check_forcing.png", dpi=200)
    plt.close(figure)


def draw_matching() -> None:
    """Draw the numbers that a statement must yield, and those of some edits, at all steps."""
    truth, U = values(WRONG)
    das = [step[0] for step in truth]
    needed = [step[5] for step in truth]
    rows = [("needed", needed), ("da @ U", [da @ U for da in das]), ("-da @ U", [-da @ U for da in das])]
    rows += [("da", das), ("da @ U.T", [da @ U.T for da in das])]
    figure, axes = page(8, 4.1)
    most, cell, left = max(np.abs(n).max() for n in needed), 0.27, 1.75
    for column in range(STEPS):
        text = f"at t={STEPS - column}"
        axes.text(left + column * 1.5 + 2 * cell, 3.9, text, fontsize=10, color=SOFT, ha="center", va="center")
    for k, (name, arrays) in enumerate(rows):
        y = 3.4 - k * 0.7 - (0.12 if k else 0)
        same = k == 0 or all(np.allclose(a, b) for a, b in zip(arrays, needed, strict=True))
        colour = INK if k == 0 else GREEN if same else RED
        font = {"family": CODE, "fontsize": 11} if k else {"fontsize": 12, "weight": "bold"}
        axes.text(left - 0.25, y - 0.05, name, color=colour, ha="right", va="center", **font)
        for column, array in enumerate(arrays):
            x0 = left + column * 1.5
            for (i, j), number in np.ndenumerate(array):
                face = plt.get_cmap("RdBu_r")(0.5 + 0.5 * np.clip(number / most, -1, 1))
                axes.add_patch(plt.Rectangle((x0 + j * cell, y - i * cell - 0.05), cell, cell, facecolor=face,
                                             edgecolor=PAPER, linewidth=0.8))  # fmt: skip
        said = "" if k == 0 else "the same at all steps" if same else "other numbers"
        axes.text(left + 4.4, y - 0.05, said, color=colour, fontsize=10, va="center")
    axes.plot([0.3, 7.7], [2.96, 2.96], color=LINE, lw=1)
    figure.savefig(FOLDER / "check_matching.png", dpi=200)
    plt.close(figure)


if __name__ == "__main__":
    draw_adjoints()
    draw_forcing()
    draw_matching()
