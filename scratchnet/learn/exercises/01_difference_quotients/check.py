import numpy as np
from rich.table import Table

from scratchnet.gradcheck import CENTRAL_STEP

EQUATION = "(2) f'(x) = (f(x + h) - f(x - h)) / 2h"


def check(judge):
    for dtype in (np.float64, np.float32):
        eps = float(np.finfo(dtype).eps)
        given = judge.call("step", dtype)
        judge.same(
            f"step(np.{dtype.__name__})", given, np.array(eps ** (1 / 3)), tolerance=1e-5,
            equation="(2) h = eps^(1/3), where truncation h^2 and rounding eps / h are of one size",
            mistakes={"the square root, which is the step of the one-sided difference": np.sqrt(eps),
                      "eps itself, at which nothing but rounding is left": eps,
                      "eps ** 1 / 3, which is a third of eps: the power binds first": eps / 3},
            line=("step", "h"),
        )  # fmt: skip
    weights, x = judge.rng.standard_normal((2, 3, 2))

    def loss(z):
        return (weights * np.exp(z) * z).sum()

    exact, h = judge.gradient(loss, x), CENTRAL_STEP
    given = gradient_of(judge, loss, x, h)
    judge.same(
        "the gradient", given, exact, tolerance=1e-8, equation=EQUATION, mistakes=mistakes(loss, x, h),
        axes=("row", "column"), line=("central_difference", "gradient"), right="central_difference is right",
    )  # fmt: skip
    a, b = judge.rng.standard_normal((2, 3, 4))
    judge.same(
        "relative_error", judge.call("relative_error", a, b), np.linalg.norm(a - b) / np.linalg.norm(b),
        equation="(1) error = |given - wanted| / |wanted|, the norm over all entries",
        mistakes={"the largest relative error of an entry": np.abs((a - b) / b).max(),
                  "the absolute error: not divided by |wanted|": np.linalg.norm(a - b),
                  "divided by |given|": np.linalg.norm(a - b) / np.linalg.norm(a),
                  "the norm of the entries' own relative errors: take both norms first, then divide":
                  np.linalg.norm((a - b) / b),
                  "the norm of each row on its own": np.linalg.norm(a - b, axis=1) / np.linalg.norm(b, axis=1),
                  "the mean over entries": np.mean(np.abs(a - b) / np.abs(b)),
                  "the largest singular value of the matrix: np.linalg.norm(..., 2) without ravel":
                  np.linalg.norm(a - b, 2) / np.linalg.norm(b, 2)},
        line=("relative_error", "error"),
    )  # fmt: skip
    judge.right("measured: the error of your central_difference, for every h", measured(judge, loss, x, exact))


def gradient_of(judge, loss, x, h):
    """Return what central_difference gives, or say that it has not put x back."""
    moved = x.copy()
    given = judge.call("central_difference", loss, moved, h, may_change=("x",))
    wrong = moved != x
    if given is not None and wrong.any():
        judge.wrong(
            "central_difference leaves x changed", equation="x[index] = original, once both values of f are known",
            where="every entry" if wrong.all() else f"{int(wrong.sum())} of {x.size} entries",
            looks_like="an entry is not put back as it was, so the entries after it are computed elsewhere; to add h "
            "and subtract it again is not enough, for both round",
            line=("central_difference", "x"),
        )  # fmt: skip
    return given


def mistakes(loss, x, h):
    def quotients(towards, away, width):
        found = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            moved = x.copy(), x.copy()
            moved[0][index] += towards
            moved[1][index] -= away
            found[index] = (loss(moved[0]) - loss(moved[1])) / width
        return found

    return {
        "the one-sided difference (f(x + h) - f(x)) / h, an error of h instead of h^2": quotients(h, 0.0, h),
        "divided by h instead of 2h": quotients(h, h, h),
        "the one-sided difference f(x + h) - f(x), divided by 2h": quotients(h, 0.0, 2.0 * h),
        "nothing is divided": quotients(h, h, 1.0),
        "/ 2 * h, which divides by 2 and then multiplies by h: write / (2 * h)": quotients(h, h, 2.0) * h,
        "f(x - h) - f(x + h), the wrong way round": -quotients(h, h, 2.0 * h),
        "all entries are moved at once: x + h adds h to every entry, and only x[index] is to move":
        np.full_like(x, loss(x + h) - loss(x - h)) / (2.0 * h),
        "loss gets a single entry, and wants the whole array with that entry moved":
        np.vectorize(lambda entry: loss(entry + h) - loss(entry - h))(x) / (2.0 * h),
    }  # fmt: skip


def measured(judge, loss, x, exact):
    table = Table("h", "float64", "float32", box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for exponent in range(1, 10):
        row = []
        for dtype in (np.float64, np.float32):
            # The loss itself rounds to the dtype, as a network in that dtype would.
            found = gradient_of(judge, lambda z, d=dtype: d(loss(z)), x.astype(dtype), dtype(10.0**-exponent))
            row.append(f"{np.linalg.norm(found - exact) / np.linalg.norm(exact):.0e}")
        table.add_row(f"1e-{exponent}", *row)
    return table
