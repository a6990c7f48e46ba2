"""Harness files: learners' code of every style is right, each mistake is cured in its line, and bad input is one line.

Each learner is a file `code.py` and the harness that checks it, or one file that is its own harness.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import fails_with_one_line
from helpers import sample

from scratchnet.cli import main
from scratchnet.gradcheck.cure import Verdict
from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.subjects import HarnessError, subject_of, wrong_entries
from scratchnet.gradcheck.words import MOST_LINES, hint, lines_of

SECONDS = 15.0  # that a cure is looked for; each is found in one or two


@dataclass(frozen=True)
class Learner:
    """A file and its harness; a file without one is its own harness."""

    code: str
    harness: str = ""

    def write(self, folder: Path, right: str = "", wrong: str = "") -> tuple[Path, Path]:
        """Write the files, with one text of the code replaced; return the harness and the code."""
        text = "import numpy as np\n\n" + textwrap.dedent(self.code).strip() + "\n"
        assert not right or text.count(right) == 1, right
        file, harness = folder / "code_file.py", folder / "harness_file.py"
        file.write_text(text.replace(right, wrong) if right else text, "utf-8")
        if not self.harness:
            return file, file
        harness.write_text("import code_file\n\n" + textwrap.dedent(self.harness).strip() + "\n", "utf-8")
        return harness, file


def judged(learner: str, folder: Path, right: str = "", wrong: str = "", seconds: float = SECONDS) -> Verdict:
    """Return the verdict on a learner's file with one text of it replaced."""
    return judge(subject_of(LEARNERS[learner].write(folder, right, wrong)[0]), seconds)


LEARNERS = {
    "rnn with a cache": Learner(
        """
        def rnn_forward(x, h0, Wx, Wh, b):
            N, T, D = x.shape
            h = np.zeros((N, T, h0.shape[1]))
            cache = []
            prev = h0
            for t in range(T):
                nxt = np.tanh(x[:, t] @ Wx + prev @ Wh + b)
                cache.append((x[:, t], prev, nxt))
                h[:, t] = nxt
                prev = nxt
            return h, (cache, Wx, Wh, D)


        def rnn_backward(dh, cache):
            steps, Wx, Wh, D = cache
            N, T, H = dh.shape
            dx, dprev = np.zeros((N, T, D)), np.zeros((N, H))
            dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(H)
            for t in reversed(range(T)):
                xt, prev, nxt = steps[t]
                da = (dh[:, t] + dprev) * (1 - nxt ** 2)
                dx[:, t] = da @ Wx.T
                dprev = da @ Wh.T
                dWx += xt.T @ da
                dWh += prev.T @ da
                db += da.sum(axis=0)
            return dx, dprev, dWx, dWh, db
        """,
        """
        def harness(m, r):
            x, h0, Wx, Wh, b = r(2, r.T, 3), r(2, 4), r(3, 4), r(4, 4), r(4)
            h, cache = m.rnn_forward(x, h0, Wx, Wh, b)
            return zip((x, h0, Wx, Wh, b), m.rnn_backward(r.loss(h), cache))
        """,
    ),
    "lstm step in columns": Learner(
        """
        def sigmoid(z):
            return 1 / (1 + np.exp(-z))


        def lstm_step(xt, a_prev, c_prev, p):
            joined = np.concatenate((a_prev, xt), axis=0)
            ft = sigmoid(np.dot(p["Wf"], joined) + p["bf"])
            it = sigmoid(np.dot(p["Wi"], joined) + p["bi"])
            cct = np.tanh(np.dot(p["Wc"], joined) + p["bc"])
            ot = sigmoid(np.dot(p["Wo"], joined) + p["bo"])
            c_next = ft * c_prev + it * cct
            a_next = ot * np.tanh(c_next)
            return a_next, c_next, (joined, c_prev, ft, it, cct, ot, c_next)


        def lstm_step_back(da, dc, cache, p):
            joined, c_prev, ft, it, cct, ot, c_next = cache
            n_a = da.shape[0]
            dot = da * np.tanh(c_next) * ot * (1 - ot)
            dc = dc + da * ot * (1 - np.tanh(c_next) ** 2)
            dcct = dc * it * (1 - cct ** 2)
            dit = dc * cct * it * (1 - it)
            dft = dc * c_prev * ft * (1 - ft)
            grads = {
                "Wf": np.dot(dft, joined.T), "Wi": np.dot(dit, joined.T),
                "Wc": np.dot(dcct, joined.T), "Wo": np.dot(dot, joined.T),
                "bf": np.sum(dft, axis=1, keepdims=True), "bi": np.sum(dit, axis=1, keepdims=True),
                "bc": np.sum(dcct, axis=1, keepdims=True), "bo": np.sum(dot, axis=1, keepdims=True),
            }
            djoined = np.dot(p["Wf"].T, dft) + np.dot(p["Wi"].T, dit)
            djoined += np.dot(p["Wc"].T, dcct) + np.dot(p["Wo"].T, dot)
            dc_prev = dc * ft
            return djoined[n_a:], djoined[:n_a], dc_prev, grads
        """,
        """
        def harness(m, r):
            x, a, c = r(3, 2), r(4, 2), r(4, 2)
            p = {name + gate: r(4, 7) if name == "W" else r(4, 1) for gate in "fico" for name in "Wb"}
            a_next, c_next, cache = m.lstm_step(x, a, c, p)
            da, dc = r.loss(a_next), r.loss(c_next)
            dx, da_prev, dc_prev, grads = m.lstm_step_back(da, dc, cache, p)
            return [(x, dx), (a, da_prev), (c, dc_prev)] + [(p[name], grads[name]) for name in p]
        """,
    ),
    "gru as a class": Learner(
        """
        def sigmoid(z):
            return 1.0 / (1.0 + np.exp(-z))


        class GRU:
            def __init__(self, n_in, n):
                self.Wz = np.random.randn(n_in + n, n)
                self.Wr = np.random.randn(n_in + n, n)
                self.Wh = np.random.randn(n_in + n, n)
                self.n = n

            def forward(self, xs, h):
                self.steps, out = [], []
                for x in xs:
                    hx = np.hstack((h, x))
                    z, r = sigmoid(hx @ self.Wz), sigmoid(hx @ self.Wr)
                    rx = np.hstack((r * h, x))
                    cand = np.tanh(rx @ self.Wh)
                    new = (1 - z) * h + z * cand
                    self.steps.append((hx, rx, z, r, cand, h))
                    h = new
                    out.append(h)
                return np.array(out)

            def backward(self, douts):
                self.dWz, self.dWr = np.zeros_like(self.Wz), np.zeros_like(self.Wr)
                self.dWh = np.zeros_like(self.Wh)
                dh, dxs = 0, [None] * len(douts)
                for t in range(len(douts) - 1, -1, -1):
                    hx, rx, z, r, cand, h = self.steps[t]
                    dh = douts[t] + dh
                    dcand = dh * z * (1 - cand ** 2)
                    drx = dcand @ self.Wh.T
                    dz = dh * (cand - h) * z * (1 - z)
                    dr = drx[:, :self.n] * h * r * (1 - r)
                    dhx = dz @ self.Wz.T + dr @ self.Wr.T
                    self.dWh += rx.T @ dcand
                    self.dWz += hx.T @ dz
                    self.dWr += hx.T @ dr
                    dh = dh * (1 - z) + drx[:, :self.n] * r + dhx[:, :self.n]
                    dxs[t] = drx[:, self.n:] + dhx[:, self.n:]
                return np.array(dxs), dh
        """,
        """
        def harness(m, r):
            net = r.new(m.GRU, 3, 4)
            xs, h = r(r.T, 2, 3), r(2, 4)
            dxs, dh = net.backward(r.loss(net.forward(xs, h)))
            return [(xs, dxs), (h, dh), (net.Wz, net.dWz), (net.Wr, net.dWr), (net.Wh, net.dWh)]
        """,
    ),
    "char-rnn with module weights": Learner(
        """
        hidden_size, vocab_size = 4, 5
        Wxh = np.random.randn(hidden_size, vocab_size) * 0.01
        Whh = np.random.randn(hidden_size, hidden_size) * 0.01
        Why = np.random.randn(vocab_size, hidden_size) * 0.01
        bh = np.zeros((hidden_size, 1))
        by = np.zeros((vocab_size, 1))


        def lossFun(inputs, targets, hprev):
            xs, hs, ys, ps = {}, {}, {}, {}
            hs[-1] = np.copy(hprev)
            loss = 0
            for t in range(len(inputs)):
                xs[t] = np.zeros((vocab_size, 1))
                xs[t][inputs[t]] = 1
                hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
                ys[t] = np.dot(Why, hs[t]) + by
                ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
                loss += -np.log(ps[t][targets[t], 0])
            dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
            dbh, dby = np.zeros_like(bh), np.zeros_like(by)
            dhnext = np.zeros_like(hs[0])
            for t in reversed(range(len(inputs))):
                dy = np.copy(ps[t])
                dy[targets[t]] -= 1
                dWhy += np.dot(dy, hs[t].T)
                dby += dy
                dh = np.dot(Why.T, dy) + dhnext
                dhraw = (1 - hs[t] * hs[t]) * dh
                dbh += dhraw
                dWxh += np.dot(dhraw, xs[t].T)
                dWhh += np.dot(dhraw, hs[t - 1].T)
                dhnext = np.dot(Whh.T, dhraw)
            return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]
        """,
        """
        def harness(m, r):
            r.adopt(m)
            inputs, targets = r.ints(5, r.T), r.ints(5, r.T)
            loss, dWxh, dWhh, dWhy, dbh, dby, _ = m.lossFun(inputs, targets, r(4, 1))
            r.loss(loss)
            return [(m.Wxh, dWxh), (m.Whh, dWhh), (m.Why, dWhy), (m.bh, dbh), (m.by, dby)]
        """,
    ),
    "softmax regression in the simple form": Learner(
        """
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0])
        W, b = rng.normal(size=(3, 3)), rng.normal(size=3)


        def probabilities():
            scores = X @ W + b
            scores = scores - scores.max(axis=1, keepdims=True)
            e = np.exp(scores)
            return e / e.sum(axis=1, keepdims=True)


        def cost():
            p = probabilities()
            return -np.log(p[np.arange(5), y]).mean() + 0.1 * np.sum(W ** 2)


        def grads():
            d = probabilities()
            d[np.arange(5), y] -= 1
            d = d / 5
            dW = X.T @ d + 0.2 * W
            db = d.sum(axis=0)
            dX = d @ W.T
            return dW, db, dX
        """,
        """
        parameters = {"W": code_file.W, "b": code_file.b, "X": code_file.X}


        def loss():
            return code_file.cost()


        def gradients():
            return dict(zip(("W", "b", "X"), code_file.grads()))
        """,
    ),
    "two layers in one file": Learner(
        """
        rng = np.random.default_rng(1)
        x, target = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
        parameters = {"W1": rng.normal(size=(3, 5)), "b1": rng.normal(size=5)}
        parameters |= {"W2": rng.normal(size=(5, 2)), "b2": rng.normal(size=2)}


        def forward():
            p = parameters
            z = x @ p["W1"] + p["b1"]
            h = np.maximum(z, 0)
            return z, h, h @ p["W2"] + p["b2"]


        def loss():
            return 0.5 * np.mean(np.sum((forward()[2] - target) ** 2, axis=1))


        def gradients():
            z, h, out = forward()
            dout = (out - target) / len(x)
            dh = dout @ parameters["W2"].T
            dz = dh * (z > 0)
            return {"W1": x.T @ dz, "b1": dz.sum(axis=0), "W2": h.T @ dout, "b2": dout.sum(axis=0)}
        """,
    ),
    "attention": Learner(
        """
        def softmax(s):
            e = np.exp(s - np.max(s, axis=-1, keepdims=True))
            return e / np.sum(e, axis=-1, keepdims=True)


        def attend(X, Wq, Wk, Wv):
            Q, K, V = X @ Wq, X @ Wk, X @ Wv
            scale = 1 / np.sqrt(Q.shape[-1])
            A = softmax(Q @ K.transpose(0, 2, 1) * scale)
            return A @ V, (X, Q, K, V, A, scale, Wq, Wk, Wv)


        def attend_backward(dO, cache):
            X, Q, K, V, A, scale, Wq, Wk, Wv = cache
            dA = dO @ V.transpose(0, 2, 1)
            dV = A.transpose(0, 2, 1) @ dO
            dS = A * (dA - np.sum(dA * A, axis=-1, keepdims=True))
            dQ = dS @ K * scale
            dK = dS.transpose(0, 2, 1) @ Q * scale
            dWq = np.einsum("ntd,nte->de", X, dQ)
            dWk = np.einsum("ntd,nte->de", X, dK)
            dWv = np.einsum("ntd,nte->de", X, dV)
            dX = dQ @ Wq.T + dK @ Wk.T + dV @ Wv.T
            return dX, dWq, dWk, dWv
        """,
        """
        def harness(m, r):
            arrays = r(2, r.T + 1, 3), r(3, 4), r(3, 4), r(3, 4)
            out, cache = m.attend(*arrays)
            return zip(arrays, m.attend_backward(r.loss(out), cache))
        """,
    ),
    "layer norm": Learner(
        """
        def layernorm_forward(x, gamma, beta, eps=1e-5):
            mu = np.mean(x, axis=1, keepdims=True)
            var = np.var(x, axis=1, keepdims=True)
            istd = 1 / np.sqrt(var + eps)
            xhat = (x - mu) * istd
            return gamma * xhat + beta, (xhat, istd, gamma)


        def layernorm_backward(dout, cache):
            xhat, istd, gamma = cache
            D = dout.shape[1]
            dgamma = np.sum(dout * xhat, axis=0)
            dbeta = np.sum(dout, axis=0)
            dxhat = dout * gamma
            total = np.sum(dxhat, axis=1, keepdims=True)
            along = np.sum(dxhat * xhat, axis=1, keepdims=True)
            dx = istd / D * (D * dxhat - total - xhat * along)
            return dx, dgamma, dbeta
        """,
        """
        def harness(r):
            x, gamma, beta = r(3, 4 + r.T), r(4 + r.T), r(4 + r.T)
            out, cache = code_file.layernorm_forward(x, gamma, beta)
            dx, dgamma, dbeta = code_file.layernorm_backward(r.loss(out), cache)
            return [(x, dx), (gamma, dgamma), (beta, dbeta)]
        """,
    ),
    "embedding and output layer": Learner(
        """
        class Model:
            def __init__(self, vocab, dim):
                self.params = {"E": np.random.randn(vocab, dim), "U": np.random.randn(dim, vocab)}
                self.params["c"] = np.zeros(vocab)
                self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}

            def loss(self, ids, targets):
                self.ids, self.targets = ids, targets
                self.e = self.params["E"][ids]
                logits = self.e @ self.params["U"] + self.params["c"]
                m = logits.max(axis=-1, keepdims=True)
                self.logp = logits - m - np.log(np.exp(logits - m).sum(axis=-1, keepdims=True))
                picked = np.take_along_axis(self.logp, targets[..., None], axis=-1)
                return -picked.sum() / targets.size

            def backward(self):
                for g in self.grads.values():
                    g.fill(0)
                V = self.logp.shape[-1]
                d = np.exp(self.logp)
                d -= np.eye(V)[self.targets]
                d /= self.targets.size
                e, flat = self.e.reshape(-1, self.e.shape[-1]), d.reshape(-1, V)
                self.grads["U"] += e.T @ flat
                self.grads["c"] += flat.sum(axis=0)
                de = d @ self.params["U"].T
                np.add.at(self.grads["E"], self.ids, de)
        """,
        """
        def harness(m, r):
            net = r.new(m.Model, 5, 3)
            r.loss(net.loss(r.ints(5, 2, r.T + 2), r.ints(5, 2, r.T + 2)))
            net.backward()
            return [(net.params[name], net.grads[name]) for name in net.params]
        """,
    ),
    "lstm with one matrix": Learner(
        """
        def sigmoid(z):
            return 1 / (1 + np.exp(-z))


        def forward(X, W, b, h0, c0):
            T, N, D = X.shape
            H = h0.shape[1]
            hs, cs, gates = [h0], [c0], []
            for t in range(T):
                a = np.concatenate([X[t], hs[-1]], axis=1).dot(W) + b
                i, f, o = [sigmoid(a[:, k * H:(k + 1) * H]) for k in range(3)]
                g = np.tanh(a[:, 3 * H:])
                c = f * cs[-1] + i * g
                cs.append(c)
                hs.append(o * np.tanh(c))
                gates.append((i, f, o, g))
            return np.stack(hs[1:]), (X, W, hs, cs, gates)


        def backward(dHs, cache):
            X, W, hs, cs, gates = cache
            T, N, D = X.shape
            dW, db, dX = np.zeros(W.shape), np.zeros(W.shape[1]), np.zeros(X.shape)
            dh_next, dc_next = np.zeros_like(hs[0]), np.zeros_like(cs[0])
            for t in range(T - 1, -1, -1):
                i, f, o, g = gates[t]
                dh = dHs[t] + dh_next
                tc = np.tanh(cs[t + 1])
                dc = dc_next + dh * o * (1 - tc * tc)
                da = np.concatenate([
                    dc * g * i * (1 - i),
                    dc * cs[t] * f * (1 - f),
                    dh * tc * o * (1 - o),
                    dc * i * (1 - g * g),
                ], axis=1)
                dW += np.concatenate([X[t], hs[t]], axis=1).T.dot(da)
                db += da.sum(0)
                dxh = da.dot(W.T)
                dX[t] = dxh[:, :D]
                dh_next = dxh[:, D:]
                dc_next = dc * f
            return dX, dW, db, dh_next, dc_next
        """,
        """
        def harness(m, r):
            X, W, b, h0, c0 = arrays = r(r.T, 2, 3), r(7, 16), r(16), r(2, 4), r(2, 4)
            H, cache = m.forward(*arrays)
            return zip(arrays, m.backward(r.loss(H), cache))
        """,
    ),
    "convolution and pooling": Learner(
        """
        def conv(x, w, b):
            N, C, L = x.shape
            F, _, K = w.shape
            out = np.zeros((N, F, L - K + 1))
            for t in range(L - K + 1):
                out[:, :, t] = np.tensordot(x[:, :, t:t + K], w, axes=([1, 2], [1, 2])) + b
            return out


        def conv_backward(dout, x, w):
            K = w.shape[2]
            dx, dw, db = np.zeros_like(x), np.zeros_like(w), dout.sum(axis=(0, 2))
            for t in range(dout.shape[2]):
                window = x[:, :, t:t + K]
                dw += np.tensordot(dout[:, :, t], window, axes=([0], [0]))
                dx[:, :, t:t + K] += np.tensordot(dout[:, :, t], w, axes=([1], [0]))
            return dx, dw, db


        def pool(a):
            return a.max(axis=2)


        def pool_backward(dp, a):
            mask = a == a.max(axis=2, keepdims=True)
            return mask * dp[:, :, None]
        """,
        """
        def harness(m, r):
            x, w, b = r(2, 2, r.T + 3), r(3, 2, 2), r(3)
            a = m.conv(x, w, b)
            da = m.pool_backward(r.loss(m.pool(a)), a)
            return zip((x, w, b), m.conv_backward(da, x, w))
        """,
    ),
    "layers that call each other": Learner(
        """
        class Layer:
            def zero(self):
                self.grad = np.zeros_like(self.W)


        class Dense(Layer):
            def __init__(self, n, m):
                self.W = np.random.normal(size=(n, m))
                self.zero()

            def __call__(self, x):
                self.x = x
                return x @ self.W

            def back(self, d):
                self.grad += self.x.T @ d
                return d @ self.W.T


        class Sigmoid:
            def __call__(self, x):
                self.y = 1 / (1 + np.exp(-x))
                return self.y

            def back(self, d):
                return d * self.y * (1 - self.y)


        class Net:
            def __init__(self):
                self.layers = [Dense(3, 4), Sigmoid(), Dense(4, 2)]

            def __call__(self, x):
                for layer in self.layers:
                    x = layer(x)
                return x

            def back(self, d):
                for layer in reversed(self.layers):
                    d = layer.back(d)
                return d


        def mse(y, target):
            return ((y - target) ** 2).mean(), 2 * (y - target) / y.size
        """,
        """
        def harness(m, r):
            net, x, target = r.new(m.Net), r(5, 3), r(5, 2)
            for layer in net.layers[::2]:
                layer.zero()
            loss, d = m.mse(net(x), target)
            r.loss(loss)
            dx = net.back(d)
            return [(x, dx), (net.layers[0].W, net.layers[0].grad), (net.layers[2].W, net.layers[2].grad)]
        """,
    ),
    "batch norm in small steps": Learner(
        """
        def forward(x, gamma, beta):
            mu = x.mean(axis=0)
            xc = x - mu
            var = (xc ** 2).mean(axis=0)
            std = np.sqrt(var + 1e-5)
            xn = xc / std
            return gamma * xn + beta, (xc, std, xn, gamma)


        def backward(dout, cache):
            xc, std, xn, gamma = cache
            N = dout.shape[0]
            dbeta = dout.sum(axis=0)
            dgamma = (dout * xn).sum(axis=0)
            dxn = gamma * dout
            dstd = -np.sum(dxn * xc / std ** 2, axis=0)
            dvar = 0.5 * dstd / std
            dxc = dxn / std + 2 / N * xc * dvar
            dmu = np.sum(dxc, axis=0)
            dx = dxc - dmu / N
            return dx, dgamma, dbeta
        """,
        """
        def harness(m, r):
            x, gamma, beta = r(5, 3), r(3), r(3)
            out, cache = m.forward(x, gamma, beta)
            return zip((x, gamma, beta), m.backward(r.loss(out), cache))
        """,
    ),
}

# Each is cured in the line that it stands in.
MISTAKES = [
    ("rnn with a cache", "dprev = da @ Wh.T", "dprev = da @ Wh"),
    ("rnn with a cache", "dWh += prev.T @ da", "dWh += nxt.T @ da"),
    ("rnn with a cache", "(dh[:, t] + dprev) * (1 - nxt ** 2)", "dh[:, t] * (1 - nxt ** 2)"),
    ("rnn with a cache", "(1 - nxt ** 2)", "(1 - nxt)"),
    ("rnn with a cache", "db += da.sum(axis=0)", "db = da.sum(axis=0)"),
    ("lstm step in columns", "dc_prev = dc * ft", "dc_prev = dc"),
    ("lstm step in columns", "dc = dc + da * ot * (1 - np.tanh(c_next) ** 2)", "dc = dc + da * ot * (1 - c_next ** 2)"),
    ("lstm step in columns", "dit = dc * cct * it * (1 - it)", "dit = dc * cct * (1 - it)"),
    ("gru as a class", "dz = dh * (cand - h) * z * (1 - z)", "dz = dh * (h - cand) * z * (1 - z)"),
    ("gru as a class", "self.dWr += hx.T @ dr", "self.dWr += rx.T @ dr"),
    ("char-rnn with module weights", "hs[t - 1].T)\n        dhnext", "hs[t].T)\n        dhnext"),
    ("char-rnn with module weights", "dby += dy", "dby = dy"),
    ("softmax regression in the simple form", "+ 0.2 * W", "+ 0.1 * W"),
    ("softmax regression in the simple form", "d = d / 5", "d = d"),
    ("softmax regression in the simple form", "dX = d @ W.T", "dX = d @ W"),
    ("softmax regression in the simple form", "db = d.sum(axis=0)", "db = d.sum(axis=1)[:3]"),
    ("two layers in one file", "dout = (out - target) / len(x)", "dout = out - target"),
    ("two layers in one file", '"b1": dz.sum(axis=0)', '"b1": dh.sum(axis=0)'),
    ("attention", "dQ = dS @ K * scale", "dQ = dS @ K"),
    ("attention", "dK = dS.transpose(0, 2, 1) @ Q * scale", "dK = dS @ Q * scale"),
    ("attention", "dV = A.transpose(0, 2, 1) @ dO", "dV = A @ dO"),
    ("attention", "dX = dQ @ Wq.T + dK @ Wk.T + dV @ Wv.T", "dX = dQ @ Wq.T + dK @ Wk.T"),
    ("layer norm", "total = np.sum(dxhat, axis=1, keepdims=True)", "total = np.mean(dxhat, axis=1, keepdims=True)"),
    ("lstm with one matrix", "dc * cs[t] * f * (1 - f),", "dc * cs[t + 1] * f * (1 - f),"),
    ("lstm with one matrix", "dc_next = dc * f", "dc_next = dc * i"),
    ("convolution and pooling", "dx[:, :, t:t + K] += np", "dx[:, :, t:t + K] = np"),
    ("convolution and pooling", "window = x[:, :, t:t + K]", "window = x[:, :, :K]"),
    ("convolution and pooling", "db = np.zeros_like(x), np.zeros_like(w), dout.sum(axis=(0, 2))",
     "db = np.zeros_like(x), np.zeros_like(w), dout.mean(axis=(0, 2))"),
    ("layers that call each other", "return d * self.y * (1 - self.y)", "return d * (1 - self.y)"),
    ("layers that call each other", "2 * (y - target) / y.size", "2 * (y - target) / len(y)"),
    ("layers that call each other", "return d @ self.W.T", "return d @ self.grad.T"),
    ("batch norm in small steps", "dgamma = (dout * xn).sum(axis=0)", "dgamma = (dout * xc).sum(axis=0)"),
    ("embedding and output layer", 'self.grads["c"] += flat.sum(axis=0)', 'self.grads["c"] += flat.mean(axis=0)'),
    ("embedding and output layer", 'np.add.at(self.grads["E"], self.ids, de)', 'self.grads["E"][self.ids] += de'),
]  # fmt: skip

# Each is seen, though its cure is another one or is not found.
SEEN = [
    ("rnn with a cache", "cache.append((x[:, t], prev, nxt))", "cache.append((x[:, t], nxt, nxt))"),
    ("lstm step in columns", "return djoined[n_a:], djoined[:n_a]", "return djoined[:n_a], djoined[n_a:]"),
    ("char-rnn with module weights", "dy[targets[t]] -= 1", "dy[inputs[t]] -= 1"),
    ("two layers in one file", "dz = dh * (z > 0)", "dz = dh"),
    ("attention", "dS = A * (dA - np.sum(dA * A, axis=-1, keepdims=True))", "dS = A * (1 - A) * dA"),
    ("layer norm", "(D * dxhat - total - xhat * along)", "(D * dxhat - total)"),
    ("layers that call each other", "self.grad += self.x.T @ d", "self.grad -= self.x.T @ d"),
    ("embedding and output layer", "d /= self.targets.size", "d /= len(self.targets)"),
    ("embedding and output layer", "d -= np.eye(V)[self.targets]", "d -= np.eye(V)[self.ids]"),
    ("lstm with one matrix", "dh = dHs[t] + dh_next", "dh = dHs[t]"),
    ("lstm with one matrix", "dW += np.concatenate([X[t], hs[t]], axis=1)",
     "dW += np.concatenate([hs[t], X[t]], axis=1)"),
    ("convolution and pooling", "return mask * dp[:, :, None]", "return dp[:, :, None] * np.ones_like(a)"),
    ("batch norm in small steps", "dxc = dxn / std + 2 / N * xc * dvar", "dxc = dxn / std"),
]  # fmt: skip

# What reads nothing but the gradient that comes from above.
FROM_ABOVE = [
    ("layer norm", "dgamma = np.sum(dout * xhat, axis=0)", "dgamma = np.sum(dout, axis=0)"),
    ("layer norm", "dxhat = dout * gamma", "dxhat = dout"),
    ("batch norm in small steps", "dbeta = dout.sum(axis=0)", "dbeta = dout.mean(axis=0)"),
]

BROKEN = ("rnn with a cache", "dprev = da @ Wh.T", "dprev = da @ Wh")


# --- verdicts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_right_file_passes_to_many_digits(learner: str, tmp_path: Path) -> None:
    verdict = judged(learner, tmp_path)
    assert verdict.ok, lines_of(verdict, full=True)
    assert (verdict.wrong, verdict.cures, verdict.findings) == ([], [], [])
    assert min(verdict.digits.values()) >= 9
    assert len(lines_of(verdict)) == 1


def assert_cured_in_its_line(learner: str, right: str, wrong: str, folder: Path) -> None:
    """Hold a verdict to be wrong, and cured, with a cure in the line of the mistake."""
    verdict = judged(learner, folder, right, wrong)
    text = (folder / "code_file.py").read_text("utf-8")
    first = text[: text.index(wrong)].count("\n") + 1
    assert not verdict.ok
    assert verdict.wrong
    assert verdict.cured, lines_of(verdict, full=True)
    assert {cure.line for cure in verdict.cures} & {first + k for k in range(wrong.count("\n") + 1)}
    assert len(lines_of(verdict)) <= MOST_LINES


@pytest.mark.parametrize(("learner", "right", "wrong"), sample(MISTAKES, 3))
def test_a_mistake_is_found_and_cured_in_its_line(learner: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert_cured_in_its_line(learner, right, wrong, tmp_path)


@pytest.mark.parametrize(("learner", "right", "wrong"), FROM_ABOVE)
def test_a_mistake_in_what_reads_the_gradient_from_above_is_cured(
    learner: str, right: str, wrong: str, tmp_path: Path
) -> None:
    assert_cured_in_its_line(learner, right, wrong, tmp_path)


@pytest.mark.parametrize(("learner", "right", "wrong"), [MISTAKES[0], MISTAKES[11], MISTAKES[30]])
def test_a_mended_file_is_right(learner: str, right: str, wrong: str, tmp_path: Path) -> None:
    verdict = judged(learner, tmp_path, right, wrong)
    ((file, text),) = verdict.texts.items()
    Path(file).write_text(text, "utf-8")
    assert judge(subject_of(next(path for path in tmp_path.glob("harness*.py"))), SECONDS).ok


@pytest.mark.parametrize(("learner", "right", "wrong"), SEEN)
def test_a_mistake_without_a_cure_is_seen(learner: str, right: str, wrong: str, tmp_path: Path) -> None:
    verdict = judged(learner, tmp_path, right, wrong, seconds=0.0)
    assert not verdict.ok
    assert verdict.wrong
    assert lines_of(verdict)[0].startswith("code_file.py: WRONG in ")


@pytest.mark.parametrize("learner", ["rnn with a cache", "char-rnn with module weights", "two layers in one file"])
def test_the_true_gradients_are_those_of_difference_quotients(learner: str, tmp_path: Path) -> None:
    subject = subject_of(LEARNERS[learner].write(tmp_path)[0])
    T = subject.times[-1]
    subject.run(T)
    true = subject.true(T)
    assert true
    for place, gradient in true.items():
        assert wrong_entries(subject.quotients(place, T), gradient) == 0


def test_a_check_leaves_the_arrays_of_the_module_as_they_were(tmp_path: Path) -> None:
    subject = subject_of(LEARNERS["char-rnn with module weights"].write(tmp_path)[0])
    before = {name: array.copy() for name, array in vars(subject.module).items() if isinstance(array, np.ndarray)}
    assert judge(subject).ok
    assert before.keys() == {"Wxh", "Whh", "Why", "bh", "by"}
    for name, array in before.items():
        np.testing.assert_array_equal(getattr(subject.module, name), array)


def test_another_seed_draws_other_arrays_and_the_same_seed_the_same(tmp_path: Path) -> None:
    harness, _ = LEARNERS["rnn with a cache"].write(tmp_path)
    losses = [subject_of(harness, seed=seed).run(2).loss for seed in (0, 0, 1)]
    assert losses[0] == losses[1] != losses[2]


def test_the_arrays_are_called_what_the_harness_calls_them(tmp_path: Path) -> None:
    assert judged("lstm with one matrix", tmp_path).checked == ["X", "W", "b", "h0", "c0"]


def test_arrays_in_a_dictionary_are_called_by_their_keys(tmp_path: Path) -> None:
    assert "Wf" in " ".join(judged("lstm step in columns", tmp_path).checked)


def test_a_gradient_that_is_not_returned_is_said_to_be_missing(tmp_path: Path) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace("(W, dW)", "(W, None)")).write(tmp_path)
    verdict = judge(subject_of(harness), 0.0)
    assert (verdict.ok, verdict.wrong) == (False, ["W"])
    assert "W: no gradient is returned" in lines_of(verdict)


def test_a_gradient_of_another_shape_is_said_to_have_it(tmp_path: Path) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace("(W, dW)", "(W, dW.T)")).write(tmp_path)
    verdict = judge(subject_of(harness), 0.0)
    assert verdict.wrong == ["W"]
    assert "W: its gradient has shape (4, 3), wanted (3, 4)" in lines_of(verdict)


def test_an_array_that_the_loss_does_not_depend_on_is_named(tmp_path: Path) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace("m.forward(x, W)", "m.forward(x, W * 0 + 1)")).write(tmp_path)
    verdict = judge(subject_of(harness), 0.0)
    assert any(line.startswith("W: without any effect on the loss") for line in lines_of(verdict))


def test_a_loss_of_chance_is_said_to_differ_and_no_cure_is_looked_for(tmp_path: Path) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace("r.loss(y)", "r.loss(y * m.np.random.rand())")).write(tmp_path)
    verdict = judge(subject_of(harness), SECONDS)
    assert (verdict.ok, verdict.cured) == (False, False)
    assert verdict.findings[0].kind == "loss differs"
    assert verdict.seconds < 5


def test_state_that_is_kept_from_call_to_call_is_said_to_make_the_loss_differ(tmp_path: Path) -> None:
    code = LINEAR.replace("def forward", "class Kept:\n    n = 0\n\n\ndef forward").replace(
        "    y = np", "    Kept.n += 1\n    y = Kept.n * np"
    )
    verdict = judge(subject_of(Learner(code, HARNESS).write(tmp_path)[0]), 0.0)
    assert "the loss differs when it is asked twice" in lines_of(verdict)[1]


def test_code_that_only_fails_at_some_sizes_says_at_which(tmp_path: Path) -> None:
    code = LINEAR.replace("    y = np", "    assert len(x) < 3, 'too long'\n    y = np")
    verdict = judge(subject_of(Learner(code, HARNESS.replace("r(2, 3)", "r(r.T, 3)")).write(tmp_path)[0]), 0.0)
    stops = [one for one in verdict.findings if one.kind == "stops"]
    assert [one.numbers["T"] for one in stops] == [3]
    assert "code_file.py" in stops[0].text
    assert "too long" in stops[0].text


def test_gradients_that_a_constructor_sets_to_zero_are_zero_in_a_new_object(tmp_path: Path) -> None:
    learner = LEARNERS["layers that call each other"]
    harness = learner.harness.replace("for layer in net.layers[::2]:", "for layer in []:")
    assert judge(subject_of(Learner(learner.code, harness).write(tmp_path)[0]), 0.0).ok


def test_a_gradient_that_is_not_a_number_is_wrong(tmp_path: Path) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace("(W, dW)", "(W, dW * float('nan'))")).write(tmp_path)
    assert judge(subject_of(harness), SECONDS).wrong == ["W"]


def test_two_results_in_the_wrong_order_are_wrong(tmp_path: Path) -> None:
    right, wrong = "return djoined[n_a:], djoined[:n_a]", "return djoined[:n_a], djoined[n_a:]"
    assert not judged("lstm step in columns", tmp_path, right, wrong).ok


def test_a_missing_gradient_of_the_simple_form_is_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "simple.py").write_text(SIMPLE.replace("'b': np.ones(2), ", ""), "utf-8")
    assert judge(subject_of(tmp_path / "simple.py"), SECONDS).wrong == ["b"]


def test_a_cure_of_the_simple_form_holds_at_other_values_too(tmp_path: Path) -> None:
    (tmp_path / "simple.py").write_text(SIMPLE.replace("2 * parameters['W']", "3 * parameters['W']"), "utf-8")
    verdict = judge(subject_of(tmp_path / "simple.py"), SECONDS)
    assert [cure.after.split("'W': ")[1] for cure in verdict.cures] == ["2 * parameters['W']}"]


def test_a_harness_that_takes_no_loss_is_told_so(tmp_path: Path) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace("r.loss(y)", "y")).write(tmp_path)
    with pytest.raises(HarnessError, match=r"r\.loss"):
        judge(subject_of(harness), 0.0)


# --- hints ----------------------------------------------------------------------------------------------------------


def test_a_hint_goes_from_the_symptom_by_the_place_to_the_cure(tmp_path: Path) -> None:
    verdict = judged(*BROKEN[:1], tmp_path, *BROKEN[1:])
    steps = [hint(verdict, n) for n in (1, 2, 3, 4, 5)]
    assert steps[0] == ["code_file.py: WRONG in h0, Wx, Wh, b, x"] or steps[0][0].startswith("code_file.py: WRONG in ")
    assert not any(character.isdigit() for line in steps[0] for character in line.replace("h0", ""))
    assert steps[1][-1] == "look into rnn_backward"
    assert "should be the derivative of the loss by" in steps[2][-1]
    assert steps[3][-1] == "look at code_file.py:25: dprev = da @ Wh"
    assert "da @ Wh.T" in steps[4][-1]
    assert [len(one) for one in steps] == sorted(len(one) for one in steps)


# --- the command ----------------------------------------------------------------------------------------------------


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `scratchnet gradcheck` in a folder."""
    root = str(Path(__file__).parent.parent)
    return subprocess.run(
        [sys.executable, "-m", "scratchnet", "gradcheck", *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_command_says_of_a_right_file_in_one_line_that_it_is(tmp_path: Path) -> None:
    LEARNERS["rnn with a cache"].write(tmp_path)
    done = command(tmp_path, "harness_file.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "code_file.py: right, to 12 digits: x, h0, Wx, Wh, b (156 derivatives at T = 1, 2, 3)\n"


def test_the_command_says_of_a_wrong_file_what_is_wrong_where_and_what_mends_it(tmp_path: Path) -> None:
    LEARNERS[BROKEN[0]].write(tmp_path, *BROKEN[1:])
    done = command(tmp_path, "harness_file.py")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert lines[0].startswith("code_file.py: WRONG in ")
    assert "code_file.py:25: dprev = da @ Wh" in lines
    assert "    cure: dprev = da @ Wh.T" in lines
    assert lines[-1].startswith("with this line changed every gradient is right")
    assert len(lines) <= MOST_LINES


def on(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return the exit code of the command and what it prints."""
    capsys.readouterr()
    status = main(["gradcheck", *arguments])
    captured = capsys.readouterr()
    assert captured.err == ""
    return status, captured.out


@pytest.mark.parametrize(("mistake", "status"), [(("", ""), 0), (("dprev = da @ Wh.T", "dprev = da @ Wh"), 1)])
def test_json_has_the_keys_that_the_page_names(
    mistake: tuple[str, str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness, _ = LEARNERS["rnn with a cache"].write(tmp_path, *mistake)
    code, text = on([str(harness), "--json"], capsys)
    found: dict[str, Any] = json.loads(text)
    assert code == status
    assert list(found) == [
        "name", "ok", "checked", "unchecked", "wrong", "cured", "cures", "findings", "digits", "derivatives", "seconds",
    ]  # fmt: skip
    assert found["ok"] is (status == 0)
    assert found["checked"] == ["x", "h0", "Wx", "Wh", "b"]
    assert found["unchecked"] == []
    assert bool(found["wrong"]) is bool(found["cures"]) is bool(found["findings"]) is (status == 1)
    for cure in found["cures"]:
        assert list(cure)[:7] == ["file", "line", "before", "after", "words", "mistake", "number"]
        assert (cure["function"], cure["cell"]) == ("rnn_backward", 0)
        assert (cure["line"], cure["before"], cure["after"]) == (25, "dprev = da @ Wh", "dprev = da @ Wh.T")


def test_fix_writes_the_mended_copy_beside_the_file_and_leaves_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness, file = LEARNERS[BROKEN[0]].write(tmp_path, *BROKEN[1:])
    before = file.read_bytes()
    status, text = on([str(harness), "--fix"], capsys)
    mended = tmp_path / "code_file.mended.py"
    assert status == 1
    assert text.splitlines()[-1] == f"wrote {mended}"
    assert file.read_bytes() == before
    assert mended.read_text("utf-8") == before.decode().replace(BROKEN[2] + "\n", BROKEN[1] + "\n")
    assert sorted(path.name for path in tmp_path.glob("*.py")) == [
        "code_file.mended.py", "code_file.py", "harness_file.py",
    ]  # fmt: skip


def test_fix_writes_nothing_where_nothing_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harness, _ = LEARNERS["layer norm"].write(tmp_path)
    assert on([str(harness), "--fix"], capsys)[0] == 0
    assert sorted(path.name for path in tmp_path.glob("*.py")) == ["code_file.py", "harness_file.py"]


def test_the_first_hint_shows_no_line_number_and_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harness, _ = LEARNERS[BROKEN[0]].write(tmp_path, *BROKEN[1:])
    status, text = on([str(harness), "--hint", "1"], capsys)
    assert status == 1
    assert text.startswith("code_file.py: WRONG in ")
    assert "25" not in text
    assert "line" not in text
    assert "dprev" not in text


def test_a_harness_of_its_own_checks_a_file_that_it_does_not_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness, file = Learner(LINEAR, HARNESS).write(tmp_path)
    harness.write_text(harness.read_text("utf-8").replace("import code_file\n", ""), "utf-8")
    status, text = on([str(file), "--harness", str(harness)], capsys)
    assert (status, text.split(":")[0]) == (0, "code_file.py")


def test_code_in_two_files_is_mended_in_the_one_with_the_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forward, backward = LINEAR.split("def backward")
    harness, file = Learner("from parts import backward\n" + forward, HARNESS).write(tmp_path)
    before = file.read_bytes()
    text = "def backward" + backward.replace("(1 - y * y)", "(1 - y)")
    (tmp_path / "parts.py").write_text(text, "utf-8")
    status, printed = on([str(harness), "--json", "--fix"], capsys)
    (cure,) = json.loads(printed)["cures"]
    assert status == 1
    assert (Path(cure["file"]).name, cure["line"]) == ("parts.py", 3)
    assert (tmp_path / "parts.mended.py").exists()
    assert not (tmp_path / "code_file.mended.py").exists()
    assert file.read_bytes() == before


# --- bad input ------------------------------------------------------------------------------------------------------

LINEAR = """
def forward(x, W):
    y = np.tanh(x @ W)
    return y, (x, W, y)


def backward(d, cache):
    x, W, y = cache
    d = d * (1 - y * y)
    return d @ W.T, x.T @ d
"""

HARNESS = """
def harness(m, r):
    x, W = r(2, 3), r(3, 4)
    y, cache = m.forward(x, W)
    dx, dW = m.backward(r.loss(y), cache)
    return [(x, dx), (W, dW)]
"""

SIMPLE = """
import numpy as np

parameters = {'W': 3.0 * np.ones((2, 2)), 'b': np.ones(2)}


def loss():
    return (parameters['W'] ** 2).sum() + parameters['b'].sum()


def gradients():
    return {'b': np.ones(2), 'W': 2 * parameters['W']}
"""

PAIRS = "return [(x, dx), (W, dW)]"
RUNS = "    y, cache = m"

# The harness's text, what stands in its place, and what the one line of the error has.
BAD_HARNESS = {
    "no pairs": (PAIRS, "pass", "the harness returns no pairs"),
    "an empty list": (PAIRS, "return []", "the harness returned no pairs"),
    "a number": (PAIRS, "return 3", "the harness returns no pairs"),
    "three of each": (PAIRS, "return [(x, dx, 1)]", "pairs of two: (array, gradient)"),
    "a foreign array": ("(x, dx)", "(x.copy(), dx)", "pair 1 of the harness: its array is none that r gave or adopted"),
    "a loss that is NaN": ("r.loss(y)", "r.loss(y * float('nan'))", "the loss is nan at T = 1"),
    "a loss that is infinite": ("r.loss(y)", "r.loss(m.np.exp(y.sum() + 1e4)) * y", "the loss is inf at T = 1"),
    "no function": (HARNESS, "harness = 3\n", "harness must be a function"),
    "three arguments": ("(m, r)", "(m, r, n)", "harness takes 3 arguments: write harness(m, r), or harness(r)"),
    "a syntax error": ("(m, r):", "(m, r)", "SyntaxError: expected ':'"),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "said"), BAD_HARNESS.values(), ids=BAD_HARNESS.keys())
def test_a_harness_that_cannot_be_used_ends_in_one_line(
    right: str, wrong: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert HARNESS.count(right) == 1
    harness, _ = Learner(LINEAR, HARNESS.replace(right, wrong)).write(tmp_path)
    fails_with_one_line(["gradcheck", str(harness)], capsys, said)


BAD_SIMPLE = {
    "an unknown name": ("'b': np.ones(2), 'W'", "'V'", "gradients() returned V, parameters has W, b"),
    "float32": ("np.ones((2, 2))", "np.ones((2, 2), 'float32')", "is an array of float32, wanted an array of float64"),
    "whole numbers": ("3.0 * np.ones((2, 2))", "np.ones((2, 2), int)", "is an array of int64, wanted an array of"),
    "a list": ("{'W': 3.0 * np.ones((2, 2)), 'b': np.ones(2)}", "[]", "parameters must be a dictionary of arrays"),
    "a list within": ("3.0 * np.ones((2, 2))", "[1.0]", "parameters['W'] is a list, wanted an array of float64"),
    "a loss that is an array": (".sum() + p", " + p", "loss() returned ndarray, wanted one real number"),
    "a loss that is nothing": ("return (p", "(p", "loss() returned NoneType, wanted one real number"),
    "a loss that is NaN": ("return (p", "return float('nan') * (p", "the loss is nan at T = 1"),
    "a tuple of gradients": ("{'b': np.ones(2), 'W': 2 * parameters['W']}", "1, 2", "gradients() returned tuple"),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "said"), BAD_SIMPLE.values(), ids=BAD_SIMPLE.keys())
def test_a_simple_harness_that_cannot_be_used_ends_in_one_line(
    right: str, wrong: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert SIMPLE.count(right) == 1
    (tmp_path / "simple.py").write_text(SIMPLE.replace(right, wrong), "utf-8")
    fails_with_one_line(["gradcheck", str(tmp_path / "simple.py")], capsys, said)


BAD_CODE = {
    "a syntax error": ("def f(:\n", "cannot be imported: ", "SyntaxError: "),
    "an error": ("x = missing\n", "cannot be imported: ", "NameError: name 'missing' is not defined: `x = missing`"),
    "sys.exit": ("import sys\nsys.exit(2)\n", "cannot be imported: ", "SystemExit: 2: `sys.exit(2)`"),
}


@pytest.mark.parametrize(("code", "first", "second"), BAD_CODE.values(), ids=BAD_CODE.keys())
def test_code_that_cannot_be_imported_ends_in_one_line(
    code: str, first: str, second: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness, file = Learner("", HARNESS).write(tmp_path)
    file.write_text(code, "utf-8")
    fails_with_one_line(["gradcheck", str(harness)], capsys, f"{file} ", first, second)


@pytest.mark.parametrize("place", ["harness", "code"])
def test_an_endless_loop_is_stopped_at_its_line(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loop = "    while True:\n        pass\n"
    code = LINEAR if place == "harness" else LINEAR.replace("    x, W, y = cache\n", loop)
    text = HARNESS.replace(RUNS, loop + RUNS) if place == "harness" else HARNESS
    harness, file = Learner(code, text).write(tmp_path)
    where = (harness if place == "harness" else file).name
    status, text = on([str(harness), "--time-limit", "2"], capsys)
    assert (status, text.splitlines()[0]) == (3, f"{harness.name}: was stopped")
    assert f"stopped after 2 s, at {where}:" in text
    assert "an endless loop?" in text


@pytest.mark.parametrize("end", ["import sys; sys.exit(0)", "import os; os._exit(0)"])
def test_a_harness_that_exits_could_not_be_run(end: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace(RUNS, f"    {end}\n{RUNS}")).write(tmp_path)
    status, text = on([str(harness)], capsys)
    assert status == 3
    assert "exit status 0: take out what does that" in text


def test_two_neighbours_end_in_one_line_that_says_to_import_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness, _ = Learner(LINEAR, "import other\n" + HARNESS).write(tmp_path)
    (tmp_path / "other.py").write_text("", "utf-8")
    fails_with_one_line(
        ["gradcheck", str(harness)], capsys, "code_file.py, other.py", "which of them is to be checked?"
    )


def test_a_cell_of_the_library_needs_no_harness_to_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    fails_with_one_line(["gradcheck", "lstm", "--write-harness", "new.py"], capsys, "needs no harness to be written")


def test_a_harness_that_is_not_there_ends_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, file = Learner(LINEAR).write(tmp_path)
    fails_with_one_line(["gradcheck", str(file), "--harness", "none.py"], capsys, "there is no file none.py")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("1 / 0", "ZeroDivisionError: division by zero: `1 / 0`"), ("import no_such", "ModuleNotFoundError: No module")],
)
def test_a_harness_that_raises_could_not_be_run_and_says_where(
    wrong: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace(RUNS, f"    {wrong}\n{RUNS}")).write(tmp_path)
    status, text = on([str(harness)], capsys)
    lines = text.splitlines()
    assert (status, lines[0]) == (3, "code_file.py: could not be run this way")
    assert lines[1].startswith("stops at T = 1, 2, 3: ")
    assert f"harness_file.py:5, in harness: {said}" in lines[1]


def test_code_that_raises_could_not_be_run_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harness, _ = Learner(LINEAR.replace("d @ W.T", "d @ W"), HARNESS).write(tmp_path)
    status, text = on([str(harness)], capsys)
    assert status == 3
    assert "code_file.py:11, in backward: ValueError: matmul: " in text


def test_code_that_prints_is_checked_all_the_same_and_prints_elsewhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "print('hello')\n" + LINEAR.replace("    y = np", "    print('inside')\n    y = np")
    harness, _ = Learner(code, HARNESS).write(tmp_path)
    assert main(["gradcheck", str(harness), "--json"]) == 0
    captured = capfd.readouterr()
    assert json.loads(captured.out)["ok"]
    assert "hello" in captured.err


@pytest.mark.parametrize("wrong", ["(W, [[1], [2, 3]])", "(W, dW * float('nan'))"], ids=["ragged", "NaN"])
def test_a_gradient_that_is_no_array_of_numbers_is_wrong(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace("(W, dW)", wrong)).write(tmp_path)
    status, text = on([str(harness)], capsys)
    assert status == 1
    assert text.startswith("code_file.py: WRONG in W")


@pytest.mark.parametrize("wrong", ["r(-2, 3)", "r((2, 3))", "r(2.0, 3)"])
def test_an_impossible_shape_is_named_with_the_line_that_asks_for_it(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harness, _ = Learner(LINEAR, HARNESS.replace("r(2, 3)", wrong)).write(tmp_path)
    fails_with_one_line(["gradcheck", str(harness)], capsys, f"harness_file.py:4: {wrong} asks for no shape")
