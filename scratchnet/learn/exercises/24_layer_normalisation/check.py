from types import SimpleNamespace

import numpy as np

ROWS, H, E = 3, 5, 1e-5


def centred(a):
    return a - a.mean(axis=-1, keepdims=True)


def scale_of(a):
    return np.sqrt((centred(a) * centred(a)).mean(axis=-1, keepdims=True) + E)


def normalised(a):
    return centred(a) / scale_of(a)


def check(judge):
    a, dn = judge.rng.standard_normal((2, ROWS, H))
    a = 2.0 * a + 1.0
    n, s = judge.call("normalise", a, results=("n", "s"))
    d, right_s, right_n = centred(a), scale_of(a), normalised(a)
    columns = a - a.mean(axis=0)
    judge.same(
        "s", s, right_s, equation="(2) s = sqrt(mean((a - m)^2) + e), over the units of a row, kept as a column",
        mistakes={"the root is missing: the variance": right_s**2,
                  "the mean is not taken off: mean(a^2)": np.sqrt((a * a).mean(axis=-1, keepdims=True) + E),
                  "divided by H - 1 in place of H": np.sqrt((d * d).sum(axis=-1, keepdims=True) / (H - 1) + E),
                  "e is missing": np.sqrt((d * d).mean(axis=-1, keepdims=True)),
                  "e outside the root": np.sqrt((d * d).mean(axis=-1, keepdims=True)) + E,
                  "s is 1: the norm does nothing yet": np.ones_like(right_s),
                  "the sum in place of the mean": np.sqrt((d * d).sum(axis=-1, keepdims=True) + E),
                  "keepdims=True is missing: a vector, not a column": right_s[:, 0],
                  "over the rows, axis=0, in place of the units": np.sqrt((columns**2).mean(axis=0) + E),
                  "m over the rows, axis=0, in place of the units":
                  np.sqrt((columns**2).mean(axis=-1, keepdims=True) + E)},
        axes=("row", "column"), line=("normalise", "s"),
    )  # fmt: skip
    judge.same(
        "n", n, right_n, equation="(3) n = (a - m) / s",
        mistakes={"the mean is not taken off": a / right_s, "not divided by s": d, "multiplied by s": d * right_s,
                  "divided by the variance, not by its root": d / right_s**2},
        axes=("row", "unit"), line=("normalise", "n"),
    )  # fmt: skip
    da = judge.call("normalise_backward", dn, right_n, right_s)

    def mean(z):
        return z.mean(axis=-1, keepdims=True)

    judge.same(
        "da", da, judge.gradient(lambda z: (normalised(z) * dn).sum(), a),
        equation="da = (1/s) (dn - mean(dn) - n * mean(dn * n)), both means over the units of a row",
        mistakes={"m and s are taken as constants: both means are missing": dn / right_s,
                  "the way through s is missing, n * mean(dn * n)": (dn - mean(dn)) / right_s,
                  "the way through m is missing, mean(dn)": (dn - right_n * mean(dn * right_n)) / right_s,
                  "the division by s is missing": dn - mean(dn) - right_n * mean(dn * right_n),
                  "the norm is taken as the identity": dn,
                  "the factor n in front of the last mean is missing":
                  (dn - mean(dn) - mean(dn * right_n)) / right_s,
                  "the sign of the last term is reversed": (dn - mean(dn) + right_n * mean(dn * right_n)) / right_s,
                  "sums in place of means":
                  (dn - H * mean(dn) - H * right_n * mean(dn * right_n)) / right_s,
                  "a sum in place of the second mean": (dn - mean(dn) - H * right_n * mean(dn * right_n)) / right_s,
                  "means over the rows, axis=0, in place of the units":
                  (dn - dn.mean(axis=0) - right_n * (dn * right_n).mean(axis=0)) / right_s,
                  "multiplied by s in place of divided":
                  right_s * (dn - mean(dn) - right_n * mean(dn * right_n))},
        axes=("row", "unit"), line=("normalise_backward", "da"),
        right="da is right: it sums to 0 in each row, and stands at right angles to n",
    )  # fmt: skip
    step(judge)
    judge.cell(judge.code.cell("NormCell"))


def step(judge):
    """Judge one step forward and backward: whether gain and shift are used, where, and what is added for them."""
    rng, cell = judge.rng, judge.code.cell("NormCell")(2, H, rng=0, dtype="float64")
    for array in cell.parameters().values():
        array[...] = rng.standard_normal(array.shape)
    a_x, h = rng.standard_normal((2, ROWS, H))
    n = normalised(a_x + h @ cell.W_hh)
    new = SimpleNamespace(h=np.zeros((ROWS, H)))
    saved = SimpleNamespace(**{name: np.zeros((ROWS, H)) for name in cell.saved})
    try:
        cell.forward_step(a_x.copy(), SimpleNamespace(h=h), new, saved)
    except Exception as error:
        judge.wrong("forward_step stops", where=judge.code.locate_error(error))
    judge.same(
        "h", new.h, np.tanh(cell.gain * n + cell.shift), equation="(4) h = tanh(gain * n + shift)",
        mistakes={"gain and shift are not used": np.tanh(n), "the shift is missing": np.tanh(cell.gain * n),
                  "the gain is missing": np.tanh(n + cell.shift),
                  "the shift is multiplied by the gain, too": np.tanh(cell.gain * (n + cell.shift)),
                  "gain and shift outside tanh": cell.gain * np.tanh(n) + cell.shift},
        axes=("row", "unit"), line=("forward_step", "h"), right="one step forward is right",
    )  # fmt: skip
    backward_of_step(judge, cell, new, saved, n, scale_of(a_x + h @ cell.W_hh))


def backward_of_step(judge, cell, new, saved, n, s):
    """Judge what one step back adds to dgain and dshift, and what it hands to (3)."""
    saved.n[...], saved.s[...] = n, s
    dh = judge.rng.standard_normal((ROWS, H))
    da = np.full((ROWS, H), np.nan)
    cell.zero_gradients()
    try:
        cell.backward_step(SimpleNamespace(h=dh.copy()), SimpleNamespace(h=None), new, saved, da, da)
    except Exception as error:
        judge.wrong("backward_step stops", where=judge.code.locate_error(error))
    du = dh * (1.0 - new.h * new.h)

    def back(dn):
        return (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / s

    judge.same(
        "da_x of one step", da, back(du * cell.gain), equation="(4) backwards: du = dh * (1 - h * h), dn = du * gain",
        mistakes={"the gain is missing in dn": back(du), "the derivative of tanh is missing": back(dh * cell.gain),
                  "the gain twice": back(du * cell.gain**2)},
        axes=("row", "unit"), line=("backward_step", "dn"),
    )  # fmt: skip
    for name, seen in (("dgain", n), ("dshift", np.ones_like(n))):
        given = getattr(cell, name)
        judge.same(
            f"{name} of one step", given, (du * seen).sum(axis=0), equation=f"(4) backwards: {name} = the sum over all "
            f"rows of du{' * n' * (name == 'dgain')}",
            mistakes={"dn in place of du": (du * cell.gain * seen).sum(axis=0), "dh in place of du":
                      (dh * seen).sum(axis=0), "the mean over the rows in place of the sum": (du * seen).mean(axis=0),
                      "h in place of n": (du * new.h).sum(axis=0),
                      **({"the factor n is missing": du.sum(axis=0)} if name == "dgain" else {})}
            if np.any(given) else {},
            axes=("unit",), line=("backward_step", name),
        )  # fmt: skip
