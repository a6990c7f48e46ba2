"""What no written harness may say: right of what it did not check, and wrong of what it called in a wrong way."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from scratchnet.cli import main
from scratchnet.gradcheck.subjects import wrong_entries
from scratchnet.gradcheck.written_harness import written_harness

STEPS = """
    class Net:
        def __init__(self, n_in, n_hidden):
            self.W, self.R = np.random.randn(n_in, n_hidden), np.random.randn(n_hidden, n_hidden)

        def forward(self, x):
            self.x, self.a = x, [np.zeros((x.shape[1], len(self.R)))]
            for row in x:
                self.a.append(np.tanh(row @ self.W + self.a[-1] @ self.R))
            return self.a[-1]

        def backward(self, d):
            dW, dR = np.zeros((len(self.x), *self.W.shape)), np.zeros((len(self.x), *self.R.shape))
            for t in reversed(range(len(self.x))):
                d = d * (1 - self.a[t + 1] ** 2)
                dW[t], dR[t] = self.x[t].T @ d, self.a[t].T @ d
                d = d @ self.R.T
            return {"dW": dW, "dR": dR}
"""
STATE = """
    class Net:
        def __init__(self, n_in, n_hidden):
            self.W, self.R = np.random.randn(n_in, n_hidden), np.random.randn(n_hidden, n_hidden)
            self.h = np.zeros(n_hidden)

        def forward(self, x):
            self.x, self.kept = x, []
            for row in x:
                self.h = np.tanh(row @ self.W + self.h @ self.R)
                self.kept.append(self.h)
            return np.array(self.kept)

        def backward(self, d, lr):
            dW, dR, back = np.zeros_like(self.W), np.zeros_like(self.R), 0.0
            for t in reversed(range(len(self.x))):
                back = (d[t] + back) * (1 - self.kept[t] ** 2)
                dW += np.outer(self.x[t], back)
                if t > 0:
                    dR += np.outer(self.kept[t - 1], back)
                back = self.R @ back
            self.W -= lr * dW
            self.R -= lr * dR
            self.h = np.zeros(len(self.R))
"""
HELPERS = """
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    def sigmoid_grad(s):
        return s * (1 - s)

    W, x = np.random.randn(3, 4), np.random.randn(5, 3)
    while True:
        s = sigmoid(x @ W)
        W -= 0.1 * x.T @ (s * sigmoid_grad(s))
"""
MISSING = """
    def forward(x, W):
        return logistic(x @ W), (x, W)

    def backward(dy, cache):
        x, W = cache
        return dy @ W.T, x.T @ dy
"""


def write(folder: Path, code: str) -> Path:
    """Write a file."""
    file = folder / "homework_file.py"
    file.write_text("import numpy as np\n\n" + textwrap.dedent(code).strip() + "\n", "utf-8")
    return file


def wrong_in(file: Path) -> tuple[set[str], set[str]]:
    """Return the names of the arrays that a written harness checks, and of those with a wrong gradient."""
    _, subject = written_harness(file)
    assert subject is not None
    names, found = subject.names(3), subject.run(3).gradients
    return {names[key] for key in found}, {
        names[k] for k, one in found.items() if wrong_entries(one, subject.true(3)[k])
    }


def test_gradients_kept_apart_for_each_step_are_added_up(tmp_path: Path) -> None:
    assert wrong_in(write(tmp_path, STEPS)) == ({"W", "R"}, set())
    broken = STEPS.replace("d = d @ self.R.T", "d = d @ self.R")
    assert wrong_in(write(tmp_path, broken))[1] == {"W", "R"}


@pytest.mark.parametrize("returned", ['{"dR": dR.sum(axis=0), "dW": dW.T}'])
def test_a_gradient_that_fits_no_array_is_not_checked(returned: str, tmp_path: Path) -> None:
    file = write(tmp_path, STEPS.replace('{"dW": dW, "dR": dR}', returned))
    found, subject = written_harness(file)
    assert subject is not None
    assert found.unchecked == ["the gradient of net.W"]


def test_a_state_that_the_code_sets_back_starts_where_it_always_does(tmp_path: Path) -> None:
    assert wrong_in(write(tmp_path, STATE)) == ({"W", "R"}, set())
    left = STATE.replace("            self.h = np.zeros(len(self.R))\n", "")
    assert wrong_in(write(tmp_path, left)) == ({"W", "R"}, {"R"})


def test_a_network_outside_of_all_functions_is_not_called_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gradcheck", str(write(tmp_path, HELPERS))]) == 4
    assert "NOT CHECKED: what stands in line 10 to 12;" in capsys.readouterr().out


def test_what_is_not_defined_is_said_with_the_gaps(tmp_path: Path) -> None:
    found, subject = written_harness(write(tmp_path, MISSING))
    assert subject is None
    assert found.text.startswith("# ") and "NameError: name 'logistic' is not defined" in found.text.splitlines()[0]
