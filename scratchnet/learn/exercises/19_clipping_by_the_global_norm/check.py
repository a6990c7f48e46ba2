import numpy as np

MAX_NORM = 1.0
SHAPES = {"W_ih": (2, 4), "W_hh": (3, 4), "b": (4,)}


def check(judge):
    long = {name: judge.rng.standard_normal(shape) for name, shape in SHAPES.items()}
    small = {name: 0.05 * g for name, g in long.items()}
    for old, kind in ((long, "a long gradient"), (small, "a short gradient")):
        gradients = {name: g.copy() for name, g in old.items()}
        held = list(gradients.values())
        norm = judge.call("clip", gradients, MAX_NORM, may_change=("gradients",))
        squares = np.array([(g * g).sum() for g in old.values()])
        right = np.sqrt(squares.sum())
        scale = min(1.0, MAX_NORM / (right + 1e-6))
        judge.true(
            list(gradients) == list(SHAPES) and all(a is b for a, b in zip(gradients.values(), held, strict=True)),
            f"{kind}: the arrays are those that were handed in",
            "the dictionary holds other arrays than those that were handed in",
            equation="(3) g <- scale * g, in place", line=("clip", "gradients", "g"),
            looks_like="a new array put in place of the old one: the optimizer still holds the old one. "
            "g *= scale writes into it",
        )  # fmt: skip
        judge.same(
            f"the norm of {kind}", norm, right, equation="(1) norm = sqrt(sum of g * g over all arrays)",
            mistakes={"the norm after clipping, which is a flat line in every plot": scale * right,
                      "the square root is missing": squares.sum(),
                      "the sum of the arrays' norms: lengths at right angles add by their squares":
                      np.sqrt(squares).sum(),
                      "the norm of the last array alone": np.sqrt(squares[-1]),
                      "the norm of the first array alone": np.sqrt(squares[0]),
                      "the largest of the arrays' norms": np.sqrt(squares.max()),
                      "means of squares in place of sums":
                      np.sqrt(sum((g * g).mean() for g in old.values())),
                      "the root of the sum of the norms: the squares are missing": np.sqrt(np.sqrt(squares).sum()),
                      "entries added up before they are squared": np.sqrt(sum(g.sum() ** 2 for g in old.values())),
                      "the largest entry": max(abs(g).max() for g in old.values())},
            line=("clip", "norm"),
        )  # fmt: skip
        unscaled = MAX_NORM / (right + 1e-6)
        for name, g in old.items():
            own = np.sqrt((g * g).sum())
            judge.same(
                f"{name} of {kind}", gradients[name], scale * g,
                equation="(2) scale = min(1, max_norm / (norm + 1e-6)), (3) g <- scale * g",
                mistakes={"each array is clipped by its own norm: the direction turns":
                          g * min(1.0, MAX_NORM / (own + 1e-6)),
                          "each array is clipped by its own norm, so the direction turns": g * min(1.0, MAX_NORM / own),
                          "each entry is clipped: the direction turns towards a diagonal":
                          np.clip(g, -MAX_NORM, MAX_NORM),
                          "not clipped at all: either nothing is written (g = g * scale only binds a new name, "
                          "g *= scale writes), or the scale is 1 (max for min, or norm / max_norm upside down)": g,
                          "lengthened to max_norm: the min of (2) is missing": unscaled * g,
                          "multiplied by max(1, ...): the long ones stay, the short ones grow":
                          max(1.0, unscaled) * g,
                          "divided by the norm, without max_norm": g / (right + 1e-6),
                          "scaled twice": scale * scale * g,
                          "multiplied by norm / max_norm, upside down": g * right / MAX_NORM},
                axes=("row", "column")[: g.ndim], line=("clip", "scale", "g"), tolerance=2e-6,
                right=f"{name} of {kind} is {'as it was' if scale == 1.0 else f'scaled by {scale:.3f}'}",
            )  # fmt: skip
