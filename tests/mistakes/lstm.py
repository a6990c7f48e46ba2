"""Mistakes in the LSTM: what learners get wrong in its backward pass, and, fewer, in its forward pass.

Read next: maker.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from mistakes.maker import in_place_of, maker
from mistakes.mutant import Mistake

DC = "dc = dc + dh * o * tanh_derivative(tanh_c)"
DC_PREV = "dc_prev = dc * f  # (5)"
DA = {
    "i": "da_i = dc * g * sigmoid_derivative(i)",
    "f": "da_f = dc * c_prev * sigmoid_derivative(f)",
    "g": "da_g = dc * i * tanh_derivative(g)",
    "o": "da_o = dh * tanh_c * sigmoid_derivative(o)",
}
OTHER_FACTOR = {"i": "g", "f": "c_prev", "g": "i", "o": "tanh_c"}
EQUATION = {"i": "(5) (1)", "f": "(5) (2)", "g": "(5) (3)", "o": "(6) (4)"}
DH = "        d.h[...] = da_x @ self.W_hh.T"
RETURN = "return da_i, da_f, da_g, da_o"
OUTPUTS = "(*self.blocks(da_x), d.c))"
INPUT = "        a_x += prev.h @ self.W_hh  # (0)"
C = "c = f * c_prev + i * g"
H = "h = o * tanh_c  # (6)"
NAMES = {"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}

lstm = maker("lstm", "cells/lstm.py", "LSTMCell")


def lstm_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of `LSTMCell`."""
    return (*_states(), *_derivatives(), *_factors(), *_gates(), *_behaviours(), *_forward())


def _states() -> Iterator[Mistake]:
    yield lstm("dh-dropped", "dh from the next step not added", 1, "(0)", DH, "        d.h[...] = 0.0")
    yield lstm("dh-added-to-old", "dh added to its old value", None, "(0)", DH, "        d.h += da_x @ self.W_hh.T")
    yield lstm("dh-not-written", "dh left unchanged instead of overwritten", None, "(0)", DH, "        pass")
    yield lstm("dh-rebound", "d.h bound to another array", None, "(0)", DH, "        d.h = da_x @ self.W_hh.T",
               behaviour="binds d.h")  # fmt: skip
    yield lstm("dc-rebound", "d.c bound to another array", None, "(5)", OUTPUTS,
               "(*self.blocks(da_x), rebound := np.empty_like(d.c)))\n        d.c = rebound",
               behaviour="binds d.c")  # fmt: skip
    yield lstm("W_hh-not-transposed", "W_hh not transposed, gate by gate", 11, "(0)", DH,
               "        d.h[...] = sum(a @ W for a, W in zip(self.blocks(da_x), self.blocks(self.W_hh)))")  # fmt: skip
    for gate in DA:
        products = f"a @ (W if gate == '{gate}' else W.T)"
        name = f"W_hh not transposed in the product of the {NAMES[gate]} ({gate}) alone"
        yield lstm(f"W_hh-not-transposed-{gate}", name, 11, "(0)", DH,
                   f"        d.h[...] = sum({products} for gate, a, W in "
                   "zip(self.gates, self.blocks(da_x), self.blocks(self.W_hh)))")  # fmt: skip
        yield lstm(f"dh-without-{gate}", f"the {NAMES[gate]} ({gate}) forgotten in dh of the step before", None, "(0)",
                   DH, f'{DH} - self.block(da_x, "{gate}") @ self.block(self.W_hh, "{gate}").T')  # fmt: skip
    yield lstm("dc-dropped", "dc from the next step not added", 2, "(5)", DC, "dc = dh * o * tanh_derivative(tanh_c)")
    yield lstm("dc-zero", "dc not passed back at all", 2, "(5)", DC_PREV, "dc_prev = dc * 0.0")
    yield lstm("dc-without-f", "dc passed back without the forget gate", 3, "(5)", DC_PREV, "dc_prev = dc")
    yield lstm("dc-through-i", "dc passed back through the input gate", 3, "(5)", DC_PREV, "dc_prev = dc * i")
    yield lstm("dc-through-o", "dc passed back through the output gate", 3, "(5)", DC_PREV, "dc_prev = dc * o")
    yield lstm("dc-through-1-f", "dc passed back through 1 - f", 3, "(5)", DC_PREV, "dc_prev = dc * (1.0 - f)")
    yield lstm("dc-incomplete", "dc handed back without this step's dh", None, "(6)", DC_PREV,
               "dc_prev = (dc - dh * o * tanh_derivative(tanh_c)) * f")  # fmt: skip
    yield lstm("dc-without-dh", "dh of the same step not added to dc", None, "(6)", DC, "dc = dc * 1.0")
    yield lstm("dc-without-o", "output gate forgotten in dc", None, "(6)", DC, "dc = dc + dh * tanh_derivative(tanh_c)")
    yield lstm("dc-without-tanh", "derivative of tanh(c) missing", 4, "(6)", DC, "dc = dc + dh * o")
    yield lstm("dc-tanh-at-c", "derivative of tanh(c) taken at c instead of tanh(c)", 5, "(6)", DC,
               "dc = dc + dh * o * tanh_derivative(np.arctanh(tanh_c))")  # fmt: skip
    yield lstm("dc-tanh-twice", "derivative of tanh(c) taken at tanh(tanh(c))", 5, "(6)", DC,
               "dc = dc + dh * o * tanh_derivative(tanh(tanh_c))")  # fmt: skip
    yield lstm("dc-tanh-without-square", "derivative of tanh(c) written as 1 - tanh(c)", None, "(6)", DC,
               "dc = dc + dh * o * (1.0 - tanh_c)")  # fmt: skip
    yield lstm("dc-tanh-outside", "derivative of tanh(c) multiplied with the dc that came, too", None, "(6)", DC,
               "dc = (dc + dh * o) * tanh_derivative(tanh_c)")  # fmt: skip
    yield lstm("dc-h-for-tanh", "h instead of tanh(c) in its derivative", None, "(6)", DC,
               "dc = dc + dh * o * tanh_derivative(o * tanh_c)")  # fmt: skip


def _derivatives() -> Iterator[Mistake]:
    for gate in "ifo":
        right = f"sigmoid_derivative({gate})"
        for name, text, wrong, number in (
            ("missing", "sigmoid derivative missing", "1.0", 6),
            ("y", f"sigmoid derivative written as {gate} alone", gate, 6),
            ("1-y", f"sigmoid derivative written as 1 - {gate} alone", f"(1.0 - {gate})", 6),
            ("twice", f"sigmoid derivative taken at sigmoid({gate}), the activation applied twice",
             f"sigmoid_derivative(sigmoid({gate}))", 6),
            ("tanh", "tanh derivative used on a sigmoid gate", f"tanh_derivative({gate})", 7),
        ):  # fmt: skip
            yield lstm(f"{gate}-derivative-{name}", f"{text} in gate {gate}", number, EQUATION[gate],
                       DA[gate], in_place_of(DA[gate], right, wrong))  # fmt: skip
    for name, text, wrong, kind in (
        ("missing", "tanh derivative missing", "1.0", 6),
        ("sigmoid", "sigmoid derivative used on the tanh candidate", "sigmoid_derivative(g)", 7),
        ("at-a", "tanh derivative taken at a_g instead of g", "tanh_derivative(np.arctanh(g))", 5),
        ("twice", "tanh derivative taken at tanh(g), the activation applied twice", "tanh_derivative(tanh(g))", 5),
        ("without-square", "tanh derivative written as 1 - g", "(1.0 - g)", None),
    ):
        yield lstm(f"g-derivative-{name}", f"{text} in gate g", kind, EQUATION["g"],
                   DA["g"], in_place_of(DA["g"], "tanh_derivative(g)", wrong))  # fmt: skip


def _factors() -> Iterator[Mistake]:
    yield lstm("f-current-c", "current instead of previous c in the forget gate", 8, "(5)", DA["f"],
               in_place_of(DA["f"], "c_prev", "np.arctanh(tanh_c)"))  # fmt: skip
    yield lstm("f-tanh-c", "tanh(c) instead of the previous c in the forget gate", 8, "(5)", DA["f"],
               in_place_of(DA["f"], "c_prev", "tanh_c"))  # fmt: skip
    yield lstm("f-candidate", "the candidate instead of the previous c in the forget gate", None, "(5)", DA["f"],
               in_place_of(DA["f"], "c_prev", "g"))  # fmt: skip
    yield lstm("o-c", "c instead of tanh(c) in the output gate", None, "(6)", DA["o"],
               in_place_of(DA["o"], "tanh_c", "np.arctanh(tanh_c)"))  # fmt: skip
    yield lstm("i-own", "the gate itself instead of the candidate in the input gate", None, "(5)", DA["i"],
               in_place_of(DA["i"], "dc * g", "dc * i"))  # fmt: skip
    yield lstm("g-own", "the candidate itself instead of the input gate in the candidate", None, "(5)", DA["g"],
               in_place_of(DA["g"], "dc * i", "dc * g"))  # fmt: skip
    for gate, others in {"i": ("f", "o", "c_prev"), "f": ("i", "o"), "g": ("f", "o"), "o": ("g", "c_prev")}.items():
        for other in others:
            yield lstm(f"{gate}-from-{other}", f"{other} instead of {OTHER_FACTOR[gate]} in gate {gate}", None,
                       EQUATION[gate], DA[gate],
                       in_place_of(DA[gate], f" * {OTHER_FACTOR[gate]} * ", f" * {other} * "))  # fmt: skip
    for gate, factor in OTHER_FACTOR.items():
        yield lstm(f"{gate}-factor-missing", f"the factor {factor} missing in gate {gate}", None, EQUATION[gate],
                   DA[gate], in_place_of(DA[gate], f" * {factor} * ", " * "))  # fmt: skip
    for gate in "ifg":
        yield lstm(f"{gate}-dh", f"dh instead of dc in gate {gate}", None, EQUATION[gate], DA[gate],
                   in_place_of(DA[gate], "dc * ", "dh * "))  # fmt: skip
    yield lstm("o-dc", "dc instead of dh in gate o", None, EQUATION["o"], DA["o"],
               in_place_of(DA["o"], "dh * ", "dc * "))  # fmt: skip


def _gates() -> Iterator[Mistake]:
    names = list(DA)
    for gate in names:
        yield lstm(f"{gate}-sign", f"sign of gate {gate} turned", None, EQUATION[gate], DA[gate],
                   in_place_of(DA[gate], "= d", "= -d"))  # fmt: skip
        for times, factor in (("twice", "2.0"), ("half", "0.5")):
            yield lstm(f"{gate}-{times}", f"gate {gate} counted {times}", None, EQUATION[gate], DA[gate],
                       in_place_of(DA[gate], "= d", f"= {factor} * d"))  # fmt: skip
        yield lstm(f"{gate}-zero", f"gate {gate} gets no gradient", None, EQUATION[gate], DA[gate],
                   in_place_of(DA[gate], "= d", "= 0.0 * d"))  # fmt: skip
        blocks = ", ".join("np.empty_like(d.c)" if name == gate else f"self.blocks(da_x)[{k}]"
                           for k, name in enumerate(names))  # fmt: skip
        yield lstm(f"{gate}-not-written", f"gate {gate}'s gradient not written", None, EQUATION[gate], OUTPUTS,
                   f"({blocks}, d.c))")  # fmt: skip
    for one, two in combinations(names, 2):
        swapped = [{one: two, two: one}.get(name, name) for name in names]
        yield lstm(f"order-{one}{two}", f"gate blocks {one} and {two} exchanged in backward", 9, "(0)", RETURN,
                   "return " + ", ".join(f"da_{name}" for name in swapped))  # fmt: skip


def _behaviours() -> Iterator[Mistake]:
    yield lstm("writes-cache", "backward writes into the cache", None, "", DH, "        saved.f *= 0.5\n" + DH,
               behaviour="must only read")  # fmt: skip
    yield lstm("own-old-result", "backward reads its own old result", None, "", DH,
               DH + "\n        da_x += self.db * 0.1", behaviour="remembers something of the first")  # fmt: skip
    yield lstm("state-leaks", "state leaks between calls", None, "", INPUT,
               "        self.calls = getattr(self, 'calls', 0) + 1\n" + INPUT.replace("  # (0)", "")
               + " + 0.01 * self.calls", behaviour="something leaks")  # fmt: skip


def _forward() -> Iterator[Mistake]:
    for id, name, equation, old, new in (
        ("no-f", "forget gate forgotten in c", "(5)", C, "c = c_prev + i * g"),
        ("no-i", "input gate forgotten in c", "(5)", C, "c = f * c_prev + g"),
        ("i-f-exchanged", "input and forget gate exchanged in c", "(5)", C, "c = i * c_prev + f * g"),
        ("1-f", "1 - f in the place of i in c", "(5)", C, "c = f * c_prev + (1.0 - f) * g"),
        ("h-of-c", "tanh forgotten in h: h = o * c", "(6)", H, "h = o * c"),
        ("h-without-o", "output gate forgotten in h", "(6)", H, "h = 1.0 * tanh_c"),
        ("h-tanh-outside", "h = tanh(o * c)", "(6)", H, "h = tanh(o * c)"),
        ("g-sigmoid", "sigmoid instead of tanh in the candidate", "(3)", "g = tanh(a_g)  # (3)", "g = sigmoid(a_g)"),
        ("o-tanh", "tanh instead of sigmoid in the output gate", "(4)", "o = sigmoid(a_o)  # (4)", "o = tanh(a_o)"),
        ("f-tanh", "tanh instead of sigmoid in the forget gate", "(2)", "f = sigmoid(a_f)  # (2)", "f = tanh(a_f)"),
        ("i-tanh", "tanh instead of sigmoid in the input gate", "(1)", "i = sigmoid(a_i)  # (1)", "i = tanh(a_i)"),
    ):
        yield lstm(f"forward-{id}", f"forward: {name}", None, equation, old, new, forward=True)
