"""Small exercises that no learner sees: one of each kind that the path's first exercises do not show."""

from pathlib import Path

CELL = """
from scratchnet.cells import Cell
from scratchnet.functions import tanh, tanh_derivative


class MyCell(Cell):
    state = ("h",)
    gates = ("a",)
    saved = ()

    def forward_step(self, a_x, prev, new, saved):
        a_x += prev.h @ self.W_hh
        new.h[...] = tanh(a_x)

    def backward_step(self, d, prev, new, saved, da_x, da_h):
        # --- your code begins ---
        da_x[...] = d.h * tanh_derivative(new.h)
        # --- start ---
        # da_x[...] = 0.0 * d.h
        # --- your code ends ---
        d.h[...] = da_x @ self.W_hh.T
"""
PREDICTION = """
# --- your code begins ---
PREDICTION = {"W_hh": "wrong", "x": "wrong", "a t=4": "right"}
# --- start ---
# PREDICTION = {"W_hh": None, "x": None, "a t=4": None}
# --- your code ends ---
"""
BROKEN = CELL.replace("MyCell", "BrokenCell").replace("da_x @ self.W_hh.T", "0.0 * (da_x @ self.W_hh.T)")
BROKEN = "".join(line for line in BROKEN.splitlines(keepends=True) if not line.lstrip().startswith("# "))
QUIZ = '[[quiz]]\nask = "how many?"\nanswer = 3\nwhy = "so many"\n' * 3
TOML = 'title = "{title}"\nkind = "{kind}"\ncheck = "{check}"\nstart_says = []\nhints = ["a", "b", "c"]\n'


def make_cell_exercise(root: Path) -> Path:
    """Write an exercise whose check is check_cell; return its folder."""
    head = TOML.format(title="A cell", kind="change-the-cell", check="cell:MyCell")
    return _write(root / "01_cell", head + QUIZ + '[cell]\nlike = "rnn"\n', CELL)


def make_predict_exercise(root: Path) -> Path:
    """Write an exercise in which a prediction is asked for; return its folder."""
    because = '[because]\nW_hh = "it is made of every step"\nx = "so is it"\n"a t=4" = "nothing came back yet"\n'
    head = TOML.format(title="Predict", kind="predict", check="predict:BrokenCell")
    return _write(root / "02_predict", head + QUIZ + because, BROKEN + PREDICTION)


def _write(folder: Path, toml: str, solution: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in {"exercise.toml": toml, "solution.py": solution, "text.md": "# A\n"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
