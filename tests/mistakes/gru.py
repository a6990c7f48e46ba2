"""Mistakes in the GRU, in both its forms.

Read next: layers.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from mistakes.maker import Maker, in_place_of, maker
from mistakes.mutant import Edit, Mistake

FILE = "cells/gru.py"
# Both forms have these lines; the first function that has them belongs to the one, the second to the other.
AFTER_Z = (
    "da_z = dh * (h_prev - n) * sigmoid_derivative(z)  # (4) (2)\n"
    "    da_n = dh * (1.0 - z) * tanh_derivative(n)  # (4) (3)"
)
BEFORE_Z = AFTER_Z.replace("# (4) (3)", "# (4) (5)")
DA_R = "da_r = da_n * h_n * sigmoid_derivative(r)"
DH_N = "dh_n = da_n * r  # (3)"
READS = "saved.h_n, prev.h)\n        self.pointwise(gru_backward"
DIRECT = "dh_prev = dh * z  # (4): the direct path"
RETURN = "return da_r, da_z, da_n, da_r, da_z, dh_n, dh_prev"
DH = "        d.h += da_h @ self.W_hh.T"
B_HN = '        self.db_hn += self.block(tape.da_h.rows, "n").sum(axis=0)  # (3)'
POINTWISE = "        self.pointwise(gru_backward, inputs, (*self.blocks(da_x), *self.blocks(da_h), d.h))  # (4) to (1)"
CANDIDATE = "n = tanh(a_n + r * h_n)  # (3), h_n with its bias\n    h = (1.0 - z) * n + z * h_prev"

BEFORE_RETURN = "return da_z, da_n, dh * z"
DRH = "        drh = da_n @ W_n.T  # (5)"
BEFORE_R = "da_r = drh * h_prev * sigmoid_derivative(r)"
BEFORE_RH = "return da_r, dh_prev + drh * r  # (5)"
BEFORE_RESET = "        self.pointwise(reset_backward, (drh, d.h, saved.r, prev.h), (da_r, d.h))  # (5) (1)"
BEFORE_DH = "        d.h += da_x[:, : 2 * self.hidden_size] @ W_gates.T"
BEFORE_W = "        self.dW_hh[:, 2 * size :] += tape.saved.rh.rows.T @ da_x[:, 2 * size :]  # (5)"
BEFORE_CANDIDATE = "n = tanh(a_n)  # (5)\n    h = (1.0 - z) * n + z * h_prev"

gru = maker("gru", FILE, "GRUCell")
before = maker("gru-reset-before", FILE, "GRUResetBeforeCell")


def gru_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of `GRUCell` and `GRUResetBeforeCell`."""
    return (*_interpolation(gru, AFTER_Z, "(3)"), *_after(), *_after_gates(), *_forward(gru, CANDIDATE),
            *_interpolation(before, BEFORE_Z, "(5)"), *_before(), *_before_gates(),
            *_forward(before, BEFORE_CANDIDATE))  # fmt: skip


def _interpolation(make: Maker, lines: str, candidate: str) -> Iterator[Mistake]:
    """Yield what can be wrong in da_z and da_n, which both forms share."""
    for id, name, number, equation, part, wrong in (
        ("n-without-1-z", "the factor 1 - z missing in the candidate", None, "(4)", "dh * (1.0 - z) *", "dh *"),
        ("n-z", "z instead of 1 - z in the candidate", None, "(4)", "dh * (1.0 - z) *", "dh * z *"),
        ("n-derivative-missing", "tanh derivative missing in gate n", 6, candidate, "tanh_derivative(n)", "1.0"),
        ("n-derivative-sigmoid", "sigmoid derivative used on the tanh candidate in gate n", 7, candidate,
         "tanh_derivative(n)", "sigmoid_derivative(n)"),
        ("n-derivative-twice", "tanh derivative taken at tanh(n), the activation applied twice in gate n", 5, candidate,
         "tanh_derivative(n)", "tanh_derivative(tanh(n))"),
        ("n-sign", "sign of gate n turned", None, "(4)", "da_n = dh", "da_n = -dh"),
        ("n-twice", "gate n counted twice", None, "(4)", "da_n = dh", "da_n = 2.0 * dh"),
        ("z-twice", "gate z counted twice", None, "(4)", "da_z = dh", "da_z = 2.0 * dh"),
        ("n-zero", "gate n gets no gradient", None, "(4)", "da_n = dh", "da_n = 0.0 * dh"),
        ("z-sign", "h_prev and n exchanged in gate z, its sign turned", None, "(4)", "(h_prev - n)", "(n - h_prev)"),
        ("z-without-h", "h_prev missing in gate z", None, "(4)", "(h_prev - n)", "(0.0 - n)"),
        ("z-without-n", "n missing in gate z", None, "(4)", "(h_prev - n)", "h_prev"),
        ("z-derivative-missing", "sigmoid derivative missing in gate z", 6, "(2)", " * sigmoid_derivative(z)",
         " * 1.0"),
        ("z-derivative-y", "sigmoid derivative written as z alone in gate z", 6, "(2)", "sigmoid_derivative(z)", "z"),
        ("z-derivative-tanh", "tanh derivative used on a sigmoid gate in gate z", 7, "(2)",
         "sigmoid_derivative(z)", "tanh_derivative(z)"),
        ("z-derivative-twice", "sigmoid derivative taken at sigmoid(z), the activation applied twice in gate z", 6,
         "(2)", "sigmoid_derivative(z)", "sigmoid_derivative(sigmoid(z))"),
        ("z-zero", "gate z gets no gradient", None, "(4)", "da_z = dh", "da_z = 0.0 * dh"),
    ):  # fmt: skip
        yield make(id, name, number, equation, lines, in_place_of(lines, part, wrong))


def _after() -> Iterator[Mistake]:
    for id, name, number, equation, old, new in (
        ("direct-missing", "the direct path through z missing in dh: left out, or overwritten", 1, "(4)", DH,
         DH.replace("+=", "[...] =")),
        ("direct-1-z", "1 - z instead of z on the direct path", None, "(4)", DIRECT, "dh_prev = dh * (1.0 - z)"),
        ("direct-without-z", "the direct path without z", None, "(4)", DIRECT, "dh_prev = dh"),
        ("dh-dropped", "dh from the next step not added", 1, "(0)", DH, "        d.h[...] = 0.0"),
        ("dh-gates-dropped", "the gates' share of dh missing, only the direct path passed back", None, "(0)", DH,
         "        pass"),
        ("dh-from-da_x", "dh from da_x instead of da_h", None, "(3)", DH, DH.replace("da_h", "da_x")),
        ("dh-rebound", "d.h bound to another array", None, "(0)", DH, "        d.h = d.h + da_h @ self.W_hh.T"),
        ("W_hh-not-transposed", "W_hh not transposed, gate by gate", 11, "(0)", DH,
         "        d.h += sum(a @ W for a, W in zip(self.blocks(da_h), self.blocks(self.W_hh)))"),
        ("n-without-r", "reset gate missing in the candidate's recurrent share", None, "(3)", DH_N,
         "dh_n = da_n  # (3)"),
        ("n-r-in-da_x", "reset gate multiplied into the candidate's input share, too", None, "(3)", RETURN,
         "return da_r, da_z, dh_n, da_r, da_z, dh_n, dh_prev"),
        ("r-from-h", "h_prev instead of its product with W_hn in gate r", None, "(3)", DA_R, DA_R.replace("h_n",
         "h_prev")),
        ("r-from-n", "the candidate n instead of its recurrent share in gate r", None, "(3)", DA_R,
         DA_R.replace("h_n", "n")),
        ("r-factor-missing", "the factor h_n missing in gate r", None, "(3)", DA_R, DA_R.replace(" * h_n", "")),
        ("r-dh", "dh instead of da_n in gate r", None, "(3)", DA_R, DA_R.replace("da_n", "dh")),
        ("r-derivative-missing", "sigmoid derivative missing in gate r", 6, "(1)", DA_R, "da_r = da_n * h_n"),
        ("r-derivative-y", "sigmoid derivative written as r alone in gate r", 6, "(1)", DA_R, "da_r = da_n * h_n * r"),
        ("r-derivative-tanh", "tanh derivative used on a sigmoid gate in gate r", 7, "(1)", DA_R,
         DA_R.replace("sigmoid_derivative", "tanh_derivative")),
        ("r-derivative-twice", "sigmoid derivative taken at sigmoid(r), the activation applied twice in gate r", 6,
         "(1)", DA_R, DA_R.replace("(r)", "(sigmoid(r))")),
        ("r-sign", "sign of gate r turned", None, "(3)", DA_R, DA_R.replace("= da_n", "= -da_n")),
        ("r-zero", "gate r gets no gradient", None, "(3)", DA_R, DA_R.replace("= da_n", "= 0.0 * da_n")),
        ("b_hn-from-da_x", "b_hn summed from da_x instead of da_h", None, "(3)", B_HN, B_HN.replace("da_h", "da_x")),
        ("b_hn-missing", "b_hn gets no gradient", None, "(3)", B_HN, "        pass"),
        ("b_hn-averaged", "b_hn's gradient averaged over the rows instead of summed", 13, "(3)", B_HN,
         B_HN.replace("sum(axis=0)", "mean(axis=0)")),
        ("b_hn-other-gate", "b_hn summed over gate r's block", None, "(3)", B_HN, B_HN.replace('"n"', '"r"')),
        ("h_n-without-bias", "b_hn missing in the recurrent share that gate r reads", None, "(3)",
         "saved.n, saved.h_n, prev.h)", "saved.n, saved.h_n - self.b_hn, prev.h)"),
        ("current-h", "current instead of previous h in the backward step", 10, "(4)", READS,
         READS.replace("prev.h", "new.h")),
        ("writes-cache", "backward writes into the cache", None, "", DH, "        saved.r *= 0.5\n" + DH),
    ):  # fmt: skip
        kinds = {"dh-rebound": "binds d.h", "writes-cache": "must only read"}
        yield gru(id, name, number, equation, old, new, behaviour=kinds.get(id, ""))
    other_form = (
        "        W_r, W_z, W_n = self.blocks(self.W_hh)\n        a_r, a_z, a_n = self.blocks(da_x)\n"
        "        drh = a_n @ W_n.T\n        a_r[...] = drh * prev.h * sigmoid_derivative(saved.r)\n"
        "        self.block(da_h, 'r')[...] = a_r\n        d.h += drh * saved.r + a_r @ W_r.T + a_z @ W_z.T"
    )
    yield gru("reset-before", "backward of the other form: reset before the product, where forward resets after it",
              None, "(5)", DH, other_form)  # fmt: skip


def _after_gates() -> Iterator[Mistake]:
    names = ("r", "z", "n")
    for gate in names:
        products = f"a @ (W if gate == '{gate}' else W.T)"
        yield gru(f"W_hh-not-transposed-{gate}", f"W_hh not transposed in the product of gate {gate} alone", 11, "(0)",
                  DH, f"        d.h += sum({products} for gate, a, W in "
                  "zip(self.gates, self.blocks(da_h), self.blocks(self.W_hh)))")  # fmt: skip
        yield gru(f"dh-without-{gate}", f"gate {gate} forgotten in dh of the step before", None, "(0)", DH,
                  f'{DH} - self.block(da_h, "{gate}") @ self.block(self.W_hh, "{gate}").T')  # fmt: skip
    for one, two in combinations(names, 2):
        swapped = [{one: two, two: one}.get(name, name) for name in names]
        new = ", ".join(f"da_{name}" for name in swapped)
        recurrent = ", ".join({"n": "dh_n"}.get(name, f"da_{name}") for name in swapped)
        yield gru(f"order-{one}{two}", f"gate blocks {one} and {two} exchanged in backward", 9, "(0)", RETURN,
                  f"return {new}, {recurrent}, dh_prev")  # fmt: skip


def _before_gates() -> Iterator[Mistake]:
    for gate in ("r", "z"):
        product = f'self.block(da_x, "{gate}") @ self.block(self.W_hh, "{gate}")'
        yield before(f"dh-without-{gate}", f"gate {gate} forgotten in dh of the step before", None, "(0)", BEFORE_DH,
                     f"{BEFORE_DH} - {product}.T")  # fmt: skip
        yield before(f"W_hh-not-transposed-{gate}", f"W_hh not transposed in the product of gate {gate} alone", 11,
                     "(0)", BEFORE_DH, f"{BEFORE_DH} - {product}.T + {product}")  # fmt: skip
    both = [f'self.block(da_x, "{gate}") @ self.block(self.W_hh, "{gate}")' for gate in ("r", "z")]
    yield before("W_hh-not-transposed", "W_hh not transposed in the products of r and z", 11, "(0)", BEFORE_DH,
                 f"        d.h += {both[0]} + {both[1]}")  # fmt: skip


def _before() -> Iterator[Mistake]:
    for id, name, number, equation, old, new in (
        ("direct-missing", "the direct path through z missing in dh", 1, "(4)", BEFORE_RH,
         "return da_r, drh * r  # (5)"),
        ("direct-1-z", "1 - z instead of z on the direct path", None, "(4)", BEFORE_RETURN,
         "return da_z, da_n, dh * (1.0 - z)"),
        ("direct-without-z", "the direct path without z", None, "(4)", BEFORE_RETURN, "return da_z, da_n, dh * 1.0"),
        ("dh-dropped", "dh from the next step not added", 1, "(0)", BEFORE_DH, "        d.h[...] = 0.0"),
        ("direct-overwritten", "dh overwritten by the share of r and z", None, "(4)", BEFORE_DH,
         BEFORE_DH.replace("+=", "[...] =")),
        ("dh-gates-dropped", "the share of r and z missing in dh", None, "(0)", BEFORE_DH, "        pass"),
        ("rh-missing", "the candidate's share missing in dh", None, "(5)", BEFORE_RH, "return da_r, dh_prev  # (5)"),
        ("rh-without-r", "reset gate missing in the candidate's share of dh", None, "(5)", BEFORE_RH,
         "return da_r, dh_prev + drh  # (5)"),
        ("r-factor-missing", "the factor h_prev missing in gate r", None, "(5)", BEFORE_R,
         BEFORE_R.replace(" * h_prev", "")),
        ("r-derivative-missing", "sigmoid derivative missing in gate r", 6, "(1)", BEFORE_R, "da_r = drh * h_prev"),
        ("r-derivative-y", "sigmoid derivative written as r alone in gate r", 6, "(1)", BEFORE_R,
         "da_r = drh * h_prev * r"),
        ("r-derivative-tanh", "tanh derivative used on a sigmoid gate in gate r", 7, "(1)", BEFORE_R,
         "da_r = drh * h_prev * (1.0 - r * r)"),
        ("r-derivative-twice", "sigmoid derivative taken at sigmoid(r), the activation applied twice in gate r", 6,
         "(1)", BEFORE_R, BEFORE_R.replace("(r)", "(sigmoid(r))")),
        ("r-sign", "sign of gate r turned", None, "(5)", BEFORE_R, BEFORE_R.replace("= drh", "= -drh")),
        ("r-zero", "gate r gets no gradient", None, "(5)", BEFORE_R, BEFORE_R.replace("= drh", "= 0.0 * drh")),
        ("W_hn-from-h", "h_prev instead of r * h_prev in the gradient of the candidate's weights", 10, "(5)", BEFORE_W,
         BEFORE_W.replace("tape.saved.rh.rows.T", 'tape.previous("h").T')),
        ("W_hn-missing", "the candidate's recurrent weights get no gradient", None, "(5)", BEFORE_W, "        pass"),
        ("W_hn-not-transposed", "W_hn not transposed", 11, "(5)", DRH, DRH.replace("W_n.T", "W_n")),
        ("writes-cache", "backward writes into the cache", None, "", BEFORE_DH, "        saved.r *= 0.5\n" + BEFORE_DH),
    ):  # fmt: skip
        yield before(id, name, number, equation, old, new, behaviour="must only read" if id == "writes-cache" else "")
    product = "prev.h @ W_n"
    reset = (
        f"        da_r[...] = da_n * ({product}) * sigmoid_derivative(saved.r)\n        d.h += (saved.r * da_n) @ W_n.T"
    )
    weights = BEFORE_W.replace("tape.saved.rh.rows.T @ da_x[:, 2 * size :]",
                               'tape.previous("h").T @ (tape.saved.r.rows * da_x[:, 2 * size :])')  # fmt: skip
    yield before("reset-after", "backward of the other form: reset after the product, where forward resets before it",
                 None, "(3)", BEFORE_RESET, reset, Edit(FILE, BEFORE_W, weights))  # fmt: skip
    swapped = "        self.pointwise(candidate_backward, (d.h, saved.z, saved.n, prev.h), (da_z, da_n, d.h))"
    yield before("order-zn", "gate blocks z and n exchanged in backward", 9, "(4)", swapped,
                 swapped.replace("(da_z, da_n, d.h)", "(da_n, da_z, d.h)"))  # fmt: skip


def _forward(make: Maker, lines: str) -> Iterator[Mistake]:
    for id, name, equation, part, wrong in (
        ("z-exchanged", "z and 1 - z exchanged in h", "(4)", "h = (1.0 - z) * n + z * h_prev",
         "h = z * n + (1.0 - z) * h_prev"),
        ("without-1-z", "the factor 1 - z forgotten in h", "(4)", "h = (1.0 - z) * n", "h = n"),
        ("n-sigmoid", "sigmoid instead of tanh in the candidate", "(3)", "n = tanh(", "n = sigmoid("),
    ):  # fmt: skip
        yield make(f"forward-{id}", f"forward: {name}", None, equation, lines, in_place_of(lines, part, wrong),
                   forward=True)  # fmt: skip
    if lines == CANDIDATE:
        yield make("forward-without-r", "forward: reset gate forgotten in the candidate", None, "(3)", lines,
                   in_place_of(lines, "r * h_n", "h_n"), forward=True)  # fmt: skip
    else:
        rh = "return r, z, r * h_prev"
        yield make("forward-without-r", "forward: reset gate forgotten in the candidate", None, "(5)", rh,
                   "return r, z, h_prev * 1.0", forward=True)  # fmt: skip
