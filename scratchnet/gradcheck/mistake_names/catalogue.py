"""The classic mistakes, as data: number, words, where it is derived, and the heading of the page that reports link to.

The numbers are those of mistakes/catalogue.py and of docs/classic_mistakes.md. What has no number is named, too.

Read next: tree_changes.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PAGE = "classic_mistakes.md"
DERIVATION = "bptt.md"


@dataclass(frozen=True)
class ClassicMistake:
    """One kind of mistake. number: 1 to 20, or 0. rule: the heading in the derivation that shows what is right.

    exercise: the number of the exercise that teaches it, or 0.
    """

    number: int
    key: str
    words: str
    rule: str = ""
    exercise: int = 0

    @property
    def heading(self) -> str:
        """Its heading in docs/classic_mistakes.md, where it has a number."""
        return f"{self.number}. {self.words[:1].upper()}{self.words[1:]}"

    @property
    def page(self) -> str:
        """The page and heading that explain it."""
        if not self.number:
            return f"{PAGE}#without-a-number"
        anchor = re.sub(r"[^\w\- ]", "", self.heading.lower()).replace(" ", "-")
        return f"{PAGE}#{anchor}"


THROUGH_TIME, LSTM, LEAVES = "3-the-recursion-through-time", "6-the-lstm", "5-what-leaves-the-loop"
RULES, LOSS, CONTEXT = "2-three-rules", "9-softmax-and-cross-entropy", "10-the-context-vector"

CATALOGUE = {
    one.key: one
    for one in (
        ClassicMistake(1, "dh dropped", "the dh of the step after is not added", THROUGH_TIME, 8),
        ClassicMistake(2, "dc dropped", "the dc of the step after is not added", LSTM, 10),
        ClassicMistake(3, "dc without f", "the dc is handed back without the forget gate", LSTM, 10),
        ClassicMistake(4, "tanh of the state", "the derivative of the state's tanh is missing", LSTM, 9),
        ClassicMistake(5, "tanh at another place", "a derivative of tanh is not taken at its output", RULES, 3),
        ClassicMistake(6, "activation", "the derivative of an activation is missing or incomplete", RULES, 3),
        ClassicMistake(7, "other activation", "the derivative of sigmoid for that of tanh, or the reverse", RULES, 3),
        ClassicMistake(8, "current c", "the current cell state where the previous one belongs", LSTM, 9),
        ClassicMistake(9, "gate order", "the gates stand in another order than in the forward", LSTM, 9),
        ClassicMistake(10, "current h", "the current hidden state where the previous one belongs", LEAVES, 8),
        ClassicMistake(11, "weight transposed", "a weight matrix is not transposed", RULES, 4),
        ClassicMistake(12, "overwritten", "a weight's gradient is overwritten where it must be added up", LEAVES, 8),
        ClassicMistake(13, "bias axis", "a gradient is averaged, or summed over the wrong axis", RULES, 4),
        ClassicMistake(14, "padded steps", "padded steps carry the state and not its gradient", THROUGH_TIME, 11),
        ClassicMistake(15, "loss mask", "the loss is masked and its gradient is not", LOSS, 11),
        ClassicMistake(16, "count", "the gradient is not divided as the loss is", LOSS, 5),
        ClassicMistake(17, "padded count", "divided by batch times length instead of the valid tokens", LOSS, 5),
        ClassicMistake(18, "repeated ids", "repeated ids overwrite one another", LEAVES, 6),
        ClassicMistake(19, "initial c", "a state that is handed over gives no gradient back", CONTEXT, 16),
        ClassicMistake(20, "detached", "the encoder is detached", CONTEXT, 16),
        ClassicMistake(0, "other step", "the value of another step", THROUGH_TIME),
        ClassicMistake(0, "other gate", "another gate's value", LSTM),
        ClassicMistake(0, "other index", "another index", THROUGH_TIME),
        ClassicMistake(0, "target", "the result goes into another array"),
        ClassicMistake(0, "brackets", "the brackets stand elsewhere", RULES),
        ClassicMistake(0, "mask", "what the forward leaves out is not left out", RULES),
        ClassicMistake(0, "other value", "another value", RULES),
        ClassicMistake(0, "sign", "the sign is turned", RULES),
        ClassicMistake(0, "transposed", "a transpose is missing or too many", RULES),
        ClassicMistake(0, "factor missing", "a factor is missing", RULES),
        ClassicMistake(0, "factor too many", "a factor too many", RULES),
        ClassicMistake(0, "term missing", "a term is missing", RULES),
        ClassicMistake(0, "term too many", "a term too many", RULES),
        ClassicMistake(0, "constant", "a constant is wrong", RULES),
        ClassicMistake(0, "activation twice", "the derivative of an activation is taken twice", RULES),
        ClassicMistake(0, "overwritten state", "a gradient is overwritten where it must be added", THROUGH_TIME),
        ClassicMistake(0, "added", "a gradient is added to what must be overwritten", THROUGH_TIME),
        ClassicMistake(0, "step skipped", "the loop skips a step, or runs the wrong way", THROUGH_TIME),
        ClassicMistake(0, "first step", "before the first step there is another value", THROUGH_TIME),
        ClassicMistake(0, "order returned", "values are handed over in another order"),
        ClassicMistake(0, "wrong loop", "a statement stands in the wrong place", THROUGH_TIME),
        ClassicMistake(0, "start", "a sum does not start from zero", LEAVES),
        ClassicMistake(0, "statement missing", "a statement is missing"),
        ClassicMistake(0, "statement too many", "a statement too many"),
        ClassicMistake(0, "condition", "a condition is wrong"),
        ClassicMistake(0, "other edit", "another expression"),
    )
}  # fmt: skip


_GRU = {
    "r": "(1) r = sigmoid(a_r + h_r)", "z": "(2) z = sigmoid(a_z + h_z)",
    "h": "(4) h = (1 - z) * n + z * h_(t-1)", "h_prev": "(4) h = (1 - z) * n + z * h_(t-1)",
}  # fmt: skip
EQUATIONS = {  # what the forward of a known cell says, by the role of the value that is concerned
    "lstm": {
        "i": "(1) i = sigmoid(a_i)", "f": "(2) f = sigmoid(a_f)", "g": "(3) g = tanh(a_g)", "o": "(4) o = sigmoid(a_o)",
        "c": "(5) c = f * c_(t-1) + i * g", "c_prev": "(5) c = f * c_(t-1) + i * g", "tanh_c": "(6) h = o * tanh(c)",
        "h": "(6) h = o * tanh(c)", "h_prev": "(0) a = x_t W_ih + b + h_(t-1) W_hh",
    },
    "gru": {**_GRU, "n": "(3) n = tanh(a_n + r * (h_n + b_hn))"},
    "gru, reset before the product": {**_GRU, "n": "(5) n = tanh(a_n + (r * h_(t-1)) W_hn)"},
    "rnn": {"h": "(1) h = tanh(a)", "h_prev": "(0) a = x_t W_ih + b + h_(t-1) W_hh"},
}  # fmt: skip
SECTIONS = {"lstm": "6-the-lstm", "gru": "7-the-gru-reset-after-the-product",
            "gru, reset before the product": "8-the-gru-reset-before-the-product",
            "rnn": "4-the-plain-recurrent-network"}  # fmt: skip
