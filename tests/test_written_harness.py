"""Files without a harness, in the styles of public code: one is written for each, and says what is right and wrong.

Every style is there twice: right, and with one mistake. What is asserted are numbers: the arrays whose gradients were
found, and those whose gradients differ from the true ones.
"""

from __future__ import annotations

import ast
import json
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
from commands import fails_with_one_line
from helpers import sample

from scratchnet.cli import main
from scratchnet.gradcheck.subjects import Subject, as_written, subject_of, with_replacements, wrong_entries
from scratchnet.gradcheck.written_harness import Found, file_text, written_harness
from scratchnet.gradcheck.written_harness.top_level import replacements


@dataclass(frozen=True)
class Style:
    """A file; right, wrong: a text in it and the mistake in its place; arrays that are checked; those then wrong."""

    code: str
    right: str
    wrong: str
    checked: str
    spoilt: str

    def write(self, folder: Path, mistake: bool) -> Path:
        """Write the file."""
        text = "import numpy as np\n\n" + textwrap.dedent(self.code).strip() + "\n"
        assert text.count(self.right) == 1, self.right
        file = folder / "homework_file.py"
        file.write_text(text.replace(self.right, self.wrong) if mistake else text, "utf-8")
        return file


STYLES = {
    "a script with weights in the module, no data and an endless training": Style(
        """
        text = open("some_book.txt").read()
        letters = sorted(set(text))
        V, H = len(letters), 20
        index = {letter: k for k, letter in enumerate(letters)}
        hidden = 50
        A = np.random.randn(hidden, V) * 0.01
        B = np.random.randn(hidden, hidden) * 0.01
        C = np.random.randn(V, hidden) * 0.01
        bh, by = np.zeros((hidden, 1)), np.zeros((V, 1))


        def loss_and_gradients(tokens, wanted, start):
            x, s, p = {}, {-1: np.copy(start)}, {}
            total = 0
            for t in range(len(tokens)):
                x[t] = np.zeros((V, 1))
                x[t][tokens[t]] = 1
                s[t] = np.tanh(A @ x[t] + B @ s[t - 1] + bh)
                y = C @ s[t] + by
                p[t] = np.exp(y) / np.exp(y).sum()
                total -= np.log(p[t][wanted[t], 0])
            dA, dB, dC, dbh, dby = (np.zeros_like(w) for w in (A, B, C, bh, by))
            later = np.zeros_like(start)
            for t in reversed(range(len(tokens))):
                dy = np.copy(p[t])
                dy[wanted[t]] -= 1
                dC += dy @ s[t].T
                dby += dy
                da = (C.T @ dy + later) * (1 - s[t] ** 2)
                dA += da @ x[t].T
                dB += da @ s[t - 1].T
                dbh += da
                later = B.T @ da
            return total, dA, dB, dC, dbh, dby, s[len(tokens) - 1]


        state = np.zeros((hidden, 1))
        while True:
            loss, *grads, state = loss_and_gradients([0, 1], [1, 0], state)
        """,
        "later = B.T @ da", "later = B @ da", "A B C bh by", "A B bh",
    ),
    "a class whose backward takes the targets and has the loss inside": Style(
        """
        def softmax(z):
            e = np.exp(z - z.max())
            return e / e.sum()


        class WordModel:
            def __init__(self, words, size=80):
                self.words, self.size = words, size
                self.U = np.random.randn(size, words)
                self.V = np.random.randn(words, size)
                self.W = np.random.randn(size, size)

            def forward(self, x):
                s = np.zeros((len(x) + 1, self.size))
                o = np.zeros((len(x), self.words))
                for t in range(len(x)):
                    s[t] = np.tanh(self.U[:, x[t]] + self.W @ s[t - 1])
                    o[t] = softmax(self.V @ s[t])
                return o, s

            def bptt(self, x, y):
                o, s = self.forward(x)
                dU, dV, dW = np.zeros_like(self.U), np.zeros_like(self.V), np.zeros_like(self.W)
                d = o.copy()
                d[np.arange(len(y)), y] -= 1
                later = np.zeros(self.size)
                for t in range(len(x) - 1, -1, -1):
                    dV += np.outer(d[t], s[t])
                    da = (self.V.T @ d[t] + later) * (1 - s[t] ** 2)
                    dW += np.outer(da, s[t - 1])
                    dU[:, x[t]] += da
                    later = self.W.T @ da
                return dU, dV, dW
        """,
        "np.outer(da, s[t - 1])", "np.outer(da, s[t])", "U V W", "W",
    ),
    "a class with lists of params and grads": Style(
        """
        def sigmoid(x):
            return 1 / (1 + np.exp(-x))


        class LSTM:
            def __init__(self, Wx, Wh, b):
                self.params = [Wx, Wh, b]
                self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]

            def forward(self, x, h, c):
                Wx, Wh, b = self.params
                n = h.shape[1]
                a = x @ Wx + h @ Wh + b
                i, f, o = sigmoid(a[:, :n]), sigmoid(a[:, n : 2 * n]), sigmoid(a[:, 2 * n : 3 * n])
                g = np.tanh(a[:, 3 * n :])
                c_new = f * c + i * g
                h_new = o * np.tanh(c_new)
                self.kept = x, h, c, i, f, o, g, c_new
                return h_new, c_new

            def backward(self, dh, dc):
                Wx, Wh, b = self.params
                x, h, c, i, f, o, g, c_new = self.kept
                t = np.tanh(c_new)
                dc = dc + dh * o * (1 - t ** 2)
                di, df = dc * g * i * (1 - i), dc * c * f * (1 - f)
                da = np.hstack([di, df, dh * t * o * (1 - o), dc * i * (1 - g ** 2)])
                self.grads[0][...] = x.T @ da
                self.grads[1][...] = h.T @ da
                self.grads[2][...] = da.sum(axis=0)
                return da @ Wx.T, da @ Wh.T, dc * f
        """,
        "dc * c * f * (1 - f)", "dc * c_new * f * (1 - f)", "x h c params[0] params[1] params[2]",
        "x h params[0] params[1] params[2]",
    ),
    "a state in a tuple, parameters in a list": Style(
        """
        def gru(inputs, state, params):
            W_xz, W_hz, b_z, W_xn, W_hn, b_n, W_hq, b_q = params
            H, = state
            outputs, tape = [], []
            for X in inputs:
                Z = 1 / (1 + np.exp(-(X @ W_xz + H @ W_hz + b_z)))
                N = np.tanh(X @ W_xn + H @ W_hn + b_n)
                new = Z * H + (1 - Z) * N
                tape.append((X, H, Z, N, new))
                H = new
                outputs.append(H @ W_hq + b_q)
            return np.stack(outputs), (H,), tape


        def gru_backward(dY, tape, params):
            W_xz, W_hz, b_z, W_xn, W_hn, b_n, W_hq, b_q = params
            grads = [np.zeros_like(p) for p in params]
            later = 0
            for t in reversed(range(len(tape))):
                X, H, Z, N, new = tape[t]
                grads[6] += new.T @ dY[t]
                grads[7] += dY[t].sum(0)
                dh = dY[t] @ W_hq.T + later
                dz = dh * (H - N) * Z * (1 - Z)
                dn = dh * (1 - Z) * (1 - N ** 2)
                for k, d in ((0, dz), (3, dn)):
                    grads[k] += X.T @ d
                    grads[k + 1] += H.T @ d
                    grads[k + 2] += d.sum(0)
                later = dh * Z + dz @ W_hz.T + dn @ W_hn.T
            return grads
        """,
        "dh * (H - N) * Z", "dh * (N - H) * Z", "W_xz W_hz b_z W_xn W_hn b_n W_hq b_q", "W_xz W_hz b_z W_xn W_hn b_n",
    ),
    "many to one, weights changed in place": Style(
        """
        class Classifier:
            def __init__(self, n_in, n_out, n_hidden=40):
                self.Wh = np.random.randn(n_hidden, n_hidden) / 10
                self.Wx = np.random.randn(n_hidden, n_in) / 10
                self.Wy = np.random.randn(n_out, n_hidden) / 10
                self.b = np.zeros((n_hidden, 1))

            def forward(self, inputs):
                h = np.zeros((self.Wh.shape[0], 1))
                self.inputs, self.hs = inputs, {0: h}
                for i, x in enumerate(inputs):
                    h = np.tanh(self.Wx @ x + self.Wh @ h + self.b)
                    self.hs[i + 1] = h
                return self.Wy @ h

            def backprop(self, dy, learn_rate=0.05):
                n = len(self.inputs)
                dWy = dy @ self.hs[n].T
                dWh, dWx, db = np.zeros_like(self.Wh), np.zeros_like(self.Wx), np.zeros_like(self.b)
                dh = self.Wy.T @ dy
                for t in reversed(range(n)):
                    da = (1 - self.hs[t + 1] ** 2) * dh
                    db += da
                    dWh += da @ self.hs[t].T
                    dWx += da @ self.inputs[t].T
                    dh = self.Wh.T @ da
                for d in (dWy, dWh, dWx, db):
                    np.clip(d, -1, 1, out=d)
                self.Wy -= learn_rate * dWy
                self.Wh -= learn_rate * dWh
                self.Wx -= learn_rate * dWx
                self.b -= learn_rate * db
        """,
        "dh = self.Wh.T @ da", "dh = self.Wh @ da", "Wh Wx Wy b", "Wh Wx b",
    ),
    "one step in columns, parameters in a dictionary": Style(
        """
        def softmax(z):
            e = np.exp(z - z.max(axis=0))
            return e / e.sum(axis=0)


        def rnn_step_forward(xt, a_prev, parameters):
            Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
            a_next = np.tanh(np.dot(Wax, xt) + np.dot(Waa, a_prev) + ba)
            return a_next, (a_next, a_prev, xt, parameters)


        def rnn_step_backward(da_next, cache):
            a_next, a_prev, xt, parameters = cache
            dz = (1 - a_next ** 2) * da_next
            return {
                "dxt": np.dot(parameters["Wax"].T, dz), "da_prev": np.dot(parameters["Waa"].T, dz),
                "dWax": np.dot(dz, xt.T), "dWaa": np.dot(dz, a_prev.T), "dba": np.sum(dz, axis=1, keepdims=True),
            }
        """,
        "(1 - a_next ** 2) * da_next", "(1 - a_next) * da_next", "xt a_prev Wax Waa ba", "xt a_prev Wax Waa ba",
    ),
    "functions with a cache, batch first, gates stacked": Style(
        """
        def lstm_forward(x, h0, Wx, Wh, b):
            N, T, D = x.shape
            H = h0.shape[1]
            hs, cache, h, c = np.zeros((N, T, H)), [], h0, np.zeros_like(h0)
            for t in range(T):
                a = x[:, t, :] @ Wx + h @ Wh + b
                s = 1 / (1 + np.exp(-a[:, : 3 * H]))
                i, f, o, g = s[:, :H], s[:, H : 2 * H], s[:, 2 * H :], np.tanh(a[:, 3 * H :])
                old, c = c, f * c + i * g
                cache.append((x[:, t, :], h, old, i, f, o, g, np.tanh(c)))
                h = o * np.tanh(c)
                hs[:, t, :] = h
            return hs, (cache, Wx, Wh)


        def lstm_backward(dhs, cache):
            steps, Wx, Wh = cache
            N, T, H = dhs.shape
            dx, dWx, dWh, db = np.zeros((N, T, len(Wx))), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(4 * H)
            dh, dc = np.zeros((N, H)), np.zeros((N, H))
            for t in range(T - 1, -1, -1):
                x, h, c, i, f, o, g, tc = steps[t]
                dh = dh + dhs[:, t, :]
                dc = dc + dh * o * (1 - tc ** 2)
                di, df = dc * g * i * (1 - i), dc * c * f * (1 - f)
                da = np.hstack((di, df, dh * tc * o * (1 - o), dc * i * (1 - g * g)))
                dx[:, t, :] = da @ Wx.T
                dWx += x.T @ da
                dWh += h.T @ da
                db += da.sum(axis=0)
                dh, dc = da @ Wh.T, dc * f
            return dx, dh, dWx, dWh, db
        """,
        "dWh += h.T @ da", "dWh = h.T @ da", "x h0 Wx Wh b", "Wh",
    ),
    "layers from a list of sizes, squared error inside": Style(
        """
        def sigmoid(x):
            return 1 / (1 + np.exp(-x))


        def sigmoid_prime(y):
            return y * (1 - y)


        class Network:
            def __init__(self, sizes):
                self.weights = [np.random.randn(a, b) for a, b in zip(sizes[:-1], sizes[1:])]
                self.biases = [np.zeros((1, b)) for b in sizes[1:]]

            def forward(self, x):
                self.outputs = [x]
                for w, b in zip(self.weights, self.biases):
                    x = sigmoid(x @ w + b)
                    self.outputs.append(x)
                return x

            def backward(self, target):
                dws, dbs = [], []
                d = (self.outputs[-1] - target) * sigmoid_prime(self.outputs[-1])
                for k in reversed(range(len(self.weights))):
                    dws.insert(0, self.outputs[k].T @ d)
                    dbs.insert(0, d.sum(axis=0, keepdims=True))
                    d = (d @ self.weights[k].T) * sigmoid_prime(self.outputs[k])
                return dws, dbs
        """,
        "(d @ self.weights[k].T) * sigmoid_prime(self.outputs[k])", "d @ self.weights[k].T",
        "weights[0] weights[1] biases[0] biases[1]", "weights[0] biases[0]",
    ),
    "a layer that adds its gradients up in attributes": Style(
        """
        class Dense:
            def __init__(self, n_in, n_out):
                self.W = np.random.randn(n_in, n_out)
                self.b = np.zeros(n_out)
                self.dW = np.zeros_like(self.W)
                self.db = np.zeros_like(self.b)

            def forward(self, x):
                self.x = x
                return x @ self.W + self.b

            def backward(self, dout):
                self.dW += self.x.T @ dout
                self.db += dout.sum(axis=0)
                return dout @ self.W.T
        """,
        "dout.sum(axis=0)", "dout.mean(axis=0)", "x W b", "b",
    ),
    "input and state side by side in one weight": Style(
        """
        class Cell:
            def __init__(self, n_in, n_hidden):
                self.W, self.b = np.random.randn(n_in + n_hidden, n_hidden), np.zeros(n_hidden)

            def forward(self, x, h):
                self.joined = np.hstack((x, h))
                self.new = np.tanh(self.joined @ self.W + self.b)
                return self.new

            def backward(self, dnew):
                da = dnew * (1 - self.new ** 2)
                self.dW, self.db = self.joined.T @ da, da.sum(axis=0)
                d = da @ self.W.T
                n = d.shape[1] - len(self.b)
                return d[:, :n], d[:, n:]
        """,
        "da.sum(axis=0)", "da[0]", "x h W b", "b",
    ),
    "a list of columns, states by step in a dictionary": Style(
        """
        def rnn_forward(inputs, start, Wxh, Whh, bh):
            xs, hs = {}, {-1: np.copy(start)}
            for t in range(len(inputs)):
                xs[t] = inputs[t]
                hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
            return [hs[t] for t in range(len(inputs))], (xs, hs, Wxh, Whh)


        def rnn_backward(dhs, cache):
            xs, hs, Wxh, Whh = cache
            dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros((len(Whh), 1))
            later, dxs = np.zeros_like(hs[0]), [None] * len(dhs)
            for t in reversed(range(len(dhs))):
                da = (1 - hs[t] * hs[t]) * (dhs[t] + later)
                dbh += da
                dWxh += np.dot(da, xs[t].T)
                dWhh += np.dot(da, hs[t - 1].T)
                dxs[t] = np.dot(Wxh.T, da)
                later = np.dot(Whh.T, da)
            return dxs, later, dWxh, dWhh, dbh
        """,
        "np.dot(da, hs[t - 1].T)", "np.dot(da, hs[t].T)", "inputs start Wxh Whh bh", "Whh",
    ),
    "results in a dictionary": Style(
        """
        def step(x, h_prev, p):
            z = 1 / (1 + np.exp(-(np.concatenate((h_prev, x), axis=1) @ p["Wz"] + p["bz"])))
            n = np.tanh(x @ p["Wn"])
            return {"h": z * h_prev + (1 - z) * n, "cache": (x, h_prev, z, n, p)}


        def step_backward(dh, cache):
            x, h_prev, z, n, p = cache
            dz = dh * (h_prev - n) * z * (1 - z)
            dn = dh * (1 - z) * (1 - n ** 2)
            dhx = dz @ p["Wz"].T
            H = h_prev.shape[1]
            return {
                "x": dhx[:, H:] + dn @ p["Wn"].T, "h_prev": dh * z + dhx[:, :H],
                "Wz": np.concatenate((h_prev, x), axis=1).T @ dz, "bz": dz.sum(axis=0), "Wn": x.T @ dn,
            }
        """,
        "dh * z + dhx[:, :H]", "dhx[:, :H]", "x h_prev Wz bz Wn", "h_prev",
    ),
    "loss and gradients from one function, parameters handed in": Style(
        """
        def loss_and_grads(x, y, W1, b1, W2):
            h = np.tanh(x @ W1 + b1)
            out = h @ W2
            loss = 0.5 * np.sum((out - y) ** 2)
            dout = out - y
            dW2 = h.T @ dout
            da = dout @ W2.T * (1 - h ** 2)
            dW1, db1 = x.T @ da, da.sum(axis=0)
            return loss, dW1, db1, dW2
        """,
        "dout @ W2.T * (1 - h ** 2)", "dout @ W2.T * (1 - h)", "W1 b1 W2", "W1 b1",
    ),
    "a normalisation and its backward": Style(
        """
        def norm_forward(x, gamma, beta, eps=1e-5):
            mu = x.mean(axis=-1, keepdims=True)
            std = np.sqrt(((x - mu) ** 2).mean(axis=-1, keepdims=True) + eps)
            hat = (x - mu) / std
            return gamma * hat + beta, (hat, std, gamma)


        def norm_backward(dout, cache):
            hat, std, gamma = cache
            dgamma, dbeta = (dout * hat).sum(axis=0), dout.sum(axis=0)
            d = dout * gamma
            dx = (d - d.mean(axis=-1, keepdims=True) - hat * (d * hat).mean(axis=-1, keepdims=True)) / std
            return dx, dgamma, dbeta
        """,
        "hat * (d * hat).mean(", "hat * d.mean(", "x gamma beta", "x",
    ),
}  # fmt: skip


def names_and_wrong(subject: Subject) -> tuple[set[str], set[str]]:
    """Return the names of the arrays that have a gradient, and of those where it is wrong at some T."""
    checked, wrong = set(), set()
    names = subject.names(subject.times[-1])
    for T in subject.times:
        result, true = subject.run(T), subject.true(T)
        assert result.error is None
        for key, gradient in result.gradients.items():
            checked.add(names[key])
            if wrong_entries(gradient, true[key]):
                wrong.add(names[key])
    return checked, wrong


def found_in(file: Path) -> tuple[Found, Subject]:
    """Return what is found in a file where something is."""
    found, subject = written_harness(file)
    assert subject is not None, found.text
    return found, subject


@pytest.mark.parametrize("style", sample(STYLES, 4))
def test_right_code_is_right_without_a_harness(style: str, tmp_path: Path) -> None:
    found, subject = found_in(STYLES[style].write(tmp_path, mistake=False))
    checked, wrong = names_and_wrong(subject)
    assert set(STYLES[style].checked.split()) <= checked
    assert (wrong, found.unchecked) == (set(), [])


@pytest.mark.parametrize("style", sample(STYLES, 3))
def test_a_mistake_shows_without_a_harness(style: str, tmp_path: Path) -> None:
    found, subject = found_in(STYLES[style].write(tmp_path, mistake=True))
    checked, wrong = names_and_wrong(subject)
    assert set(STYLES[style].checked.split()) <= checked
    assert (wrong, found.unchecked) == (set(STYLES[style].spoilt.split()), [])


# --- the command ----------------------------------------------------------------------------------------------------

LAYER = STYLES["functions with a cache, batch first, gates stacked"]
SCRIPT = STYLES["a script with weights in the module, no data and an endless training"]


def test_the_command_needs_no_harness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = LAYER.write(tmp_path, mistake=False)
    assert main(["gradcheck", str(file)]) == 0
    assert capsys.readouterr().out.startswith("homework_file.py: right, to 12 digits: x, h0, Wx, Wh, b (")


def test_the_command_finds_the_line_without_a_harness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = LAYER.write(tmp_path, mistake=True)
    assert main(["gradcheck", str(file), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["wrong"], found["unchecked"]) == (["Wh"], [])
    assert [cure["before"] for cure in found["cures"]] == [LAYER.wrong]


def test_a_saved_harness_is_a_harness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, saved = SCRIPT.write(tmp_path, mistake=False), tmp_path / "check_it.py"
    assert main(["gradcheck", str(file), "--write-harness", str(saved)]) == 0
    assert f"wrote {saved}" in capsys.readouterr().out
    checked, wrong = names_and_wrong(subject_of(saved))
    assert (checked, wrong) == (set(SCRIPT.checked.split()), set())


def test_a_harness_is_never_written_over_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = LAYER.write(tmp_path, mistake=False)
    before = file.read_bytes()
    fails_with_one_line(["gradcheck", str(file), "--write-harness", str(file)], capsys, "is there already")
    assert file.read_bytes() == before


def test_right_with_a_backward_left_over_is_not_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = LAYER.write(tmp_path, mistake=False)
    other = "\n\ndef attention_backward(dout, cache):\n    keys, = cache\n    return dout @ keys.unknown\n"
    file.write_text(file.read_text("utf-8") + other, "utf-8")
    assert main(["gradcheck", str(file), "--json"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert (found["wrong"], found["unchecked"]) == ([], ["attention_backward"])


def test_what_cannot_be_told_is_a_harness_to_be_filled_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "def forward(model):\n    return model.run()\n\n\ndef backward(model, d):\n    return model.back(d)\n"
    file = tmp_path / "homework_file.py"
    file.write_text(code, "utf-8")
    assert main(["gradcheck", str(file)]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("could not be checked as it is")
    assert "def harness(m, r):" in lines
    assert any("..." in line for line in lines)
    ast.parse("\n".join(lines[2:]))


# --- what is left out of a script -----------------------------------------------------------------------------------


def test_an_endless_training_and_missing_data_are_left_out_at_their_lines(tmp_path: Path) -> None:
    file = SCRIPT.write(tmp_path, mistake=False)
    text = file.read_text("utf-8")
    found = replacements(file)
    lines = text.splitlines()
    assert found[lines.index('text = open("some_book.txt").read()') + 1].startswith("text = ")
    assert found[lines.index("while True:") + 1] == "pass"
    short = with_replacements(text, found)
    assert len(short.split("\n")) == len(text.split("\n"))
    assert "while True" not in short


def test_a_mended_copy_has_what_was_left_out(tmp_path: Path) -> None:
    file = SCRIPT.write(tmp_path, mistake=True)
    text = file.read_text("utf-8")
    short = with_replacements(text, replacements(file))
    mended = as_written(text, short, short.replace(SCRIPT.wrong, SCRIPT.right))
    assert mended == text.replace(SCRIPT.wrong, SCRIPT.right)


def test_nothing_is_written_and_nothing_is_asked_while_a_script_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "homework_file.py"
    file.write_text(f"open({str(tmp_path / 'made.txt')!r}, 'w').write('x')\nn = input('how many? ')\n", "utf-8")
    assert replacements(file) == {1: "pass", 2: "pass"}
    assert not (tmp_path / "made.txt").exists()


def test_the_text_of_a_harness_names_what_is_not_run(tmp_path: Path) -> None:
    file = SCRIPT.write(tmp_path, mistake=False)
    found, _ = found_in(file)
    text = file_text(file, found.instead, found.text)
    assert "import homework_file" in text
    assert "instead = {" in text
    ast.parse(text)
