from types import SimpleNamespace

import numpy as np
from rich.table import Table

from scratchnet.cells import GRUCell, LSTMCell, RNNCell
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent

E, H, STEPS = 4, 16, 60
BACK = (1, 5, 20, 60)


def check(judge):
    d = SimpleNamespace(h=judge.rng.standard_normal((2, 3)), c=judge.rng.standard_normal((2, 3)))
    given = judge.call("length", d)
    squares = [float((array**2).sum()) for array in (d.h, d.c)]
    judge.same(
        "length", given, np.sqrt(sum(squares)), line=("length", "norm"),
        equation="|d|^2 = the sum of the squares of all entries of all states",
        mistakes={"the square root is missing": sum(squares), "h alone: c carries a gradient, too": np.sqrt(squares[0]),
                  "the sum of two lengths: take the root of the sum of squares": np.sqrt(squares).sum(),
                  "the mean in place of the sum": np.sqrt(sum(squares) / 12),
                  "c alone": np.sqrt(squares[1])},
    )  # fmt: skip
    for kind in (RNNCell, GRUCell, LSTMCell):
        check_lengths(judge, kind)
    W = judge.rng.standard_normal((3, 3))
    judge.same(
        "largest_factor", judge.call("largest_factor", W), np.linalg.svd(W)[1][0], equation="rho = max |v W| / |v|",
        mistakes={"the root of the sum of squares, the norm of all entries: np.linalg.norm(W) without the 2":
                  np.linalg.norm(W),
                  "the largest eigenvalue in size: it says what happens in the long run, not in a step":
                  np.abs(np.linalg.eigvals(W)).max(),
                  "the smallest singular value": np.linalg.svd(W)[1][-1],
                  "the largest entry": np.abs(W).max()},
        line=("largest_factor", "rho"),
    )  # fmt: skip
    f, one = judge.rng.random((4, 3)), np.ones((1, 3))
    right = np.concatenate([np.cumprod(f[::-1], axis=0)[::-1], one])
    late = np.ones((5, 3))
    for t in (3, 2, 1, 0):
        late[t] = late[t + 1] * f[min(t + 1, 3)]
    judge.same(
        "direct_path", judge.call("direct_path", f), right, equation="(5) dc_(t-1) = dc * f, of one step after another",
        mistakes={"the gates are not multiplied up: each is one step's factor alone": np.concatenate([f, one]),
                  "multiplied up from the first step on, not from the last":
                  np.concatenate([one, np.cumprod(f, axis=0)]),
                  "the gate of the step after: f[t] leads from slot t to slot t + 1": late},
        axes=("slot", "unit"), line=("direct_path", "kept"),
    )  # fmt: skip
    table, breaches = measured(judge)
    judge.true(
        not breaches, "no row of the plain network is longer than the bound rho^k", f"longer than rho^k: {breaches}",
    )  # fmt: skip
    judge.right("measured: a gradient of length 1 at the last h, and what is left of it k steps back", table)


def run(cell, x):
    layer, packing = Recurrent(cell), Packing([len(x)])
    tape = layer.new_tape()
    layer.forward(x, packing, None, tape)
    d = SimpleNamespace(**{name: np.zeros((1, cell.hidden_size)) for name in cell.state})
    d.h[...] = 1.0 / np.sqrt(cell.hidden_size)
    return tape, d


def check_lengths(judge, kind):
    steps = 6
    cell = kind(E, H, rng=3, dtype="float64")
    x = judge.rng.standard_normal((steps, E))
    tape, d = run(cell, x)
    given = judge.call("lengths_back", cell, tape, d)
    wanted, h_alone = np.ones(steps + 1), np.ones(steps + 1)
    for t in range(steps):  # from slot t on, as a layer of its own: another way than one loop back
        layer, packing = Recurrent(cell), Packing([steps - t])
        rest = layer.new_tape()
        layer.forward(x[t:], packing, [{name: getattr(tape.state, name)[t].copy() for name in cell.state}], rest)
        final = [{name: np.full((1, H), 1 / np.sqrt(H)) * (name == "h") for name in cell.state}]
        initial = layer.backward(None, final, rest)[1][0]
        wanted[t] = np.sqrt(sum((array**2).sum() for array in initial.values()))
        h_alone[t] = np.linalg.norm(initial["h"])
    judge.same(
        f"lengths_back, {kind.__name__}", given, wanted, axes=("slot",), line=("lengths_back", "lengths"),
        equation="lengths[t] = |dL/d(states in slot t)|: d after the step back from slot t + 1 to slot t",
        mistakes={"d is never taken back a step: call cell.backward_step before each length": np.ones(steps + 1),
                  "one slot too late: the length is taken before the step back": np.append(wanted[1:], 1.0),
                  "the length of h alone: c carries a gradient, too": h_alone if len(cell.state) > 1 else 0 * wanted,
                  "the last slot is missing": np.append(wanted[:-1], 0.0),
                  "in the order of the loop: lengths[t] belongs to slot t": wanted[::-1]},
    )  # fmt: skip


def measured(judge):
    """Return the table, and the rows of the plain network that are longer than the bound allows."""
    x = 0.5 * np.random.default_rng(1).normal(size=(STEPS, E))
    table = Table("", *(f"k = {k}" for k in BACK), "a step", "rho", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    breaches = []
    for name, kind, factor, gate in (
        ("rnn", RNNCell, 1.0, ""), ("rnn, W_hh * 0.8", RNNCell, 0.8, ""), ("rnn, W_hh * 2.5", RNNCell, 2.5, ""),
        ("gru", GRUCell, 1.0, ""), ("gru, bias of z 5", GRUCell, 1.0, "z"),
        ("lstm", LSTMCell, 1.0, ""), ("lstm, bias of f 5", LSTMCell, 1.0, "f"),
    ):  # fmt: skip
        cell = kind(E, H, rng=1, dtype="float64")
        cell.W_hh *= factor
        if gate:
            cell.block(cell.b, gate)[...] = 5.0
        tape, d = run(cell, x)
        lengths = judge.call("lengths_back", cell, tape, d)
        rho = judge.call("largest_factor", cell.W_hh) if kind is RNNCell else None
        shown = [f"{lengths[STEPS - k]:.0e}" for k in BACK]
        table.add_row(name, *shown, f"{lengths[0] ** (1 / STEPS):.2f}", "" if rho is None else f"{rho:.1f}")
        if rho is not None and any(lengths[STEPS - k] > rho**k * (1 + 1e-9) for k in range(STEPS + 1)):
            breaches.append(name)
        if kind is LSTMCell:
            kept = judge.call("direct_path", tape.saved.f.rows.copy())
            paths = [f"{np.sqrt((kept[STEPS - k] ** 2).mean()):.0e}" for k in BACK]
            table.add_row("  its direct path", *paths, f"{np.sqrt((kept[0] ** 2).mean()) ** (1 / STEPS):.2f}", "")
    return table, ", ".join(breaches)
