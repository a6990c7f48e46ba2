import numpy as np

EQUATION = "(1) f'(x) = Im f(x + ih) / h"
LOST = "the imaginary part is lost on the way: a derivative that is exactly 0 where it must not be"


def check(judge):
    weights, x = judge.rng.standard_normal((2, 3, 2))

    def loss(z):
        return (weights * np.exp(z)).sum()

    exact = weights * np.exp(x)
    given = judge.call("complex_step", loss, x)
    judge.same(
        "the gradient", given, exact, tolerance=1e-13, equation=EQUATION, axes=("row", "column"),
        mistakes={"entries are not put back: each result holds all those before it, too":
                  np.cumsum(exact.ravel()).reshape(exact.shape),
                  "not divided by h": exact * 1e-30,
                  "divided by 2h": exact / 2,
                  "all entries are moved at once: only z[index] is to move": np.full_like(exact, exact.sum()),
                  "loss gets a single entry, and wants the whole array with that entry moved":
                  np.exp(x) * weights.sum(),
                  "the real part, f / h: the imaginary part is wanted": np.full_like(exact, loss(x) / 1e-30)},
        line=("complex_step", "gradient"), right="complex_step is right to all digits",
    )  # fmt: skip
    v = judge.rng.standard_normal(4)
    norm = np.sqrt((v * v).sum())
    judge.same("length", judge.call("length", v), norm, equation="|v|^2 = sum of v * v", line=("length", "square"))
    judge.same(
        "the complex step through length", judge.gradient(lambda z: judge.call("length", z), v), v / norm,
        equation="d|v|/dv = v / |v|; forward must be analytic, and abs is not", mistakes={LOST: 0.0 * v},
        axes=("entry",), line=("length", "square"), right="length can be differentiated by the complex step",
    )  # fmt: skip
    factors = judge.rng.standard_normal(4)
    # c_t = sum over s <= t of v_s / 2^(t - s + 1)
    given = judge.call("running_mean", v)
    complex_for_real = np.iscomplexobj(given)
    powers = np.array([[0.5 ** (t - s + 1) if s <= t else 0.0 for s in range(4)] for t in range(4)])
    judge.same(
        "running_mean", given, powers @ v, equation="c_t = (c_(t-1) + v_t) / 2",
        axes=("step",), line=("running_mean", "first c" if complex_for_real else "c"),
        why="v is real here, and so must be c: give the buffer the dtype of v" if complex_for_real else "",
    )  # fmt: skip
    judge.same(
        "the complex step through running_mean",
        judge.gradient(lambda z: (judge.call("running_mean", z) * factors).sum(), v), factors @ powers,
        equation="dc_t/dv_s = 1 / 2^(t - s + 1); forward must stay complex, and a buffer of floats is not",
        mistakes={LOST: 0.0 * v}, axes=("step",), line=("running_mean", "c"),
        right="running_mean can be differentiated by the complex step",
    )  # fmt: skip
