import numpy as np

from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent

N, H = 3, 4
NAMES = ("da_i", "da_f", "da_g", "da_o", "dc_prev")
EQUATIONS = {
    "da_o": "(6) (5) da_o = dh * tanh(c) * o * (1 - o)",
    "da_i": "(4) (1) da_i = dc * g * i * (1 - i), dc complete",
    "da_f": "(4) (2) da_f = dc * c_(t-1) * f * (1 - f), dc complete",
    "da_g": "(4) (3) da_g = dc * i * (1 - g * g), dc complete",
    "dc_prev": "(4) (1) (2) dc_(t-1) has a term for each of its three uses",
}


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def forward(a, c_prev, p):
    """Return (h, c, i, f, g, o, tanh_c) for pre-activations a (4, N, H) and peepholes p (3, H)."""
    i, f, g = sigmoid(a[0] + p[0] * c_prev), sigmoid(a[1] + p[1] * c_prev), np.tanh(a[2])
    c = f * c_prev + i * g
    o = sigmoid(a[3] + p[2] * c)
    return o * np.tanh(c), c, i, f, g, o, np.tanh(c)


def check(judge):
    rng = judge.rng
    a, c_prev, p = rng.standard_normal((4, N, H)), rng.standard_normal((N, H)), rng.standard_normal((3, H))
    dh, dc = rng.standard_normal((2, N, H))
    right = forward(a, c_prev, p)
    given = judge.call("peephole_forward", *a, c_prev, *p, results=("h", "c", "i", "f", "g", "o", "tanh_c"))
    for k, name, equation in (
        (2, "i", "(1) i = sigmoid(a_i + p_i * c_(t-1))"), (3, "f", "(2) f = sigmoid(a_f + p_f * c_(t-1))"),
        (4, "g", "(3)"), (1, "c", "(4)"), (5, "o", "(5) o = sigmoid(a_o + p_o * c)"), (6, "tanh_c", "(6)"),
        (0, "h", "(6) h = o * tanh(c)"),
    ):  # fmt: skip
        mistakes = {}
        if name in "ifo":
            block = "if-o".index(name)
            mistakes["the peephole is missing: this is the plain LSTM"] = sigmoid(a[block])
            if name == "o":
                mistakes["o looks at the previous cell state, not at the new one"] = sigmoid(a[3] + p[2] * c_prev)
                mistakes["o looks at tanh(c), not at c"] = sigmoid(a[3] + p[2] * right[6])
        judge.same(
            name, given[k], right[k], equation=equation, mistakes=mistakes, axes=("row", "unit"),
            line=("peephole_forward", name), right=f"forward: {name} is right",
        )  # fmt: skip
    _, c, i, f, g, o, tanh_c = right
    arguments = (dh, dc, i, f, g, o, tanh_c, c, c_prev, *p)
    results = dict(zip(NAMES, judge.call("peephole_backward", *arguments, results=NAMES), strict=True))

    def loss(new_a, new_c_prev):
        new_h, new_c, *_ = forward(new_a, new_c_prev, p)
        return (new_h * dh).sum() + (new_c * dc).sum()

    da = judge.gradient(lambda z: loss(z, c_prev), a)
    wanted = dict(zip(NAMES, (*da, judge.gradient(lambda z: loss(a, z), c_prev)), strict=True))
    da_o = dh * tanh_c * o * (1 - o)
    cut = dc + dh * o * (1 - tanh_c**2)
    totals = {
        "c's use in the output gate's peephole is missing, da_o * p_o": cut,
        "the use in tanh(c), (6), is missing": dc + da_o * p[2],
        "what later steps say, the dc that came in, is missing": cut - dc + da_o * p[2],
        "do in place of da_o in the peephole's term: its sigmoid's derivative is missing":
        cut + dh * tanh_c * p[2],
        "p_o in place of da_o * p_o": cut + p[2],
    }  # fmt: skip
    full = cut + da_o * p[2]
    for name in ("da_o", "da_i", "da_f", "da_g", "dc_prev"):

        def made(total, name=name):
            """Return this result, made from another total dc."""
            return {
                "da_o": da_o, "da_i": total * g * i * (1 - i), "da_f": total * c_prev * f * (1 - f),
                "da_g": total * i * (1 - g * g),
                "dc_prev": total * (f + g * i * (1 - i) * p[0] + c_prev * f * (1 - f) * p[1]),
            }[name]  # fmt: skip

        mistakes = {} if name == "da_o" else {text: made(total) for text, total in totals.items()}
        if name == "dc_prev":
            through_i, through_f = da[0] * p[0], da[1] * p[1]
            mistakes |= {
                "the uses in both peepholes are missing, as in the plain LSTM": full * f,
                "the use in the input gate's peephole is missing, da_i * p_i": full * f + through_f,
                "the use in the forget gate's peephole is missing, da_f * p_f": full * f + through_i,
                "the direct path is missing, dc * f": through_i + through_f,
                "dc in place of da_i and da_f in the peepholes' terms": full * (f + p[0] + p[1]),
                "dc in place of da_i in the input gate's term": full * (f + p[0]) + through_f,
                "dc in place of da_f in the forget gate's term": full * (f + p[1]) + through_i,
                "p_i and p_f exchanged": full * f + da[0] * p[1] + da[1] * p[0],
                "da_o * p_o does not belong here: o looks at the new state":
                full * f + through_i + through_f + da_o * p[2],
            }  # fmt: skip
        if name in ("da_i", "da_f", "da_g", "da_o"):
            gate = {"da_i": i, "da_f": f, "da_g": g, "da_o": o}[name]
            slope = 1 - g * g if name == "da_g" else gate * (1 - gate)
            mistakes["the gate's own derivative is missing"] = wanted[name] / slope
        if name == "da_f":
            mistakes["the new cell state in place of the previous one"] = full * c * f * (1 - f)
        judge.same(
            name, results[name], wanted[name], equation=EQUATIONS[name], mistakes=mistakes, axes=("row", "unit"),
            line=("peephole_backward", name if name in ("da_o", "dc_prev") else "dc", name),
            right=f"backward: {name} is right",
        )  # fmt: skip
    peepholes(judge)
    judge.cell(judge.code.cell("PeepholeCell"))


def peepholes(judge):
    """Judge what accumulate_gradients adds to dp_i, dp_f, dp_o."""
    packing, size = Packing([3, 2, 2, 1]), 3
    cell = judge.code.cell("PeepholeCell")(2, size, rng=5, dtype="float64")
    layer = Recurrent(cell)
    tape = layer.new_tape()
    x, d_outputs = judge.rng.standard_normal((packing.rows, 2)), judge.rng.standard_normal((packing.rows, size))
    initial = [{name: judge.rng.standard_normal((packing.batch, size)) for name in cell.state}]
    try:
        layer.forward(x, packing, initial, tape)
        layer.backward(d_outputs, None, tape)
    except Exception as error:
        judge.wrong("the cell stops", where=judge.code.locate_error(error))
    da, before, after = tape.da_x.rows, tape.previous("c"), tape.state.c[1:]
    for name, gate, seen, other in (("p_i", 0, before, after), ("p_f", 1, before, after), ("p_o", 3, after, before)):
        block = da[:, gate * size : (gate + 1) * size]
        states = 'before each row, tape.previous("c")' if seen is before else "after each row, tape.state.c[1:]"
        judge.same(
            f"d{name}", getattr(cell, f"d{name}"), (block * seen).sum(axis=0),
            equation=f"({(1, 2, 5)[min(gate, 2)]}) d{name} = sum over all rows of da_{name[-1]} * the c it saw",
            mistakes={f"the other cell state was taken: this gate saw the one {states}": (block * other).sum(axis=0),
                      "the mean over the rows in place of the sum": (block * seen).mean(axis=0),
                      "da alone: the factor, the cell state, is missing": block.sum(axis=0),
                      "the last row alone": block[-1] * seen[-1]},
            axes=("unit",), line=("accumulate_gradients", f"d{name}"),
        )  # fmt: skip
