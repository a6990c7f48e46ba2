"""Mistakes in the layers around the time loop, and in the losses.

Read next: loop.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from mistakes.maker import maker
from mistakes.mutant import Mistake

ADD_AT = "        self.backend.add_at(self.dW, tape.ids, d_rows)"
ONE_HOT = "        self.rows.backend.add_at(total, self.rows.ids, values)"
DW = "        weight_gradient += both[:-1]"
DB = "        bias_gradient += both[-1]"
LINEAR_DX = "        return dy @ self.W.T"
TIED_DW = "        return self.embedding.dW.T"
MASK = "        return dy if tape.mask is None else dy * tape.mask"
KEEP = "self.backend.dropout_mask(dy.shape, 1.0 - self.rate, __import__('numpy').random.default_rng(9), self.dtype)"

SHARE = "        share = 1.0 / count"
SOFTMAX = "self.backend.softmax_rows(z, share)"
ONE = "            z[rows, y] -= (1.0 - smoothing) * share"
SMOOTH_TEST = "            if smoothing:\n                z -="
SMOOTH = "                z -= smoothing / classes * share"
LOSS_RETURN = "        return tape.d_logits"
NLL = "            nll[part] = log_total - z_target"
AGAIN = """
            p = z / share + smoothing / classes
            p[rows, y] += 1.0 - smoothing
            z *= p * (1.0 - p)"""
SQUARED = "        return tape.difference / tape.difference.shape[0]"

embedding = maker("embedding", "layers.py", "Embedding")
one_hot = maker("embedding", "layers.py", "OneHot")
linear = maker("linear", "layers.py", "Linear", "TiedLinear")
tied = maker("linear", "layers.py", "TiedLinear")
dropout = maker("dropout", "layers.py", "Dropout")
loss = maker("loss", "losses.py", "SoftmaxCrossEntropy")
squared = maker("loss", "losses.py", "SquaredError")


def layer_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of the layers and losses."""
    return (*_embedding(), *_linear(), *_dropout(), *_cross_entropy(), *_squared())


def _embedding() -> Iterator[Mistake]:
    number = "__import__('numpy')"
    for id, name, kind, new in (
        ("repeats-overwrite", "repeated ids overwrite one another in the embedding", 18,
         "        self.dW[tape.ids] += d_rows"),
        ("written-not-added", "the embedding's gradient written instead of added, for repeated ids too", 18,
         "        self.dW[tape.ids] = d_rows"),
        ("repeats-averaged", "the gradients of a repeated id averaged instead of added", 18,
         ADD_AT.replace("d_rows)", f"d_rows / {number}.bincount(tape.ids)[tape.ids][:, None])")),
        ("missing", "the embedding gets no gradient", None, "        pass"),
        ("shifted", "the gradients added to the rows of the next words", None,
         ADD_AT.replace("tape.ids,", f"{number}.roll(tape.ids, 1),")),
    ):  # fmt: skip
        behaviour = "does not add the same again" if id == "written-not-added" else ""
        yield embedding(id, name, kind, "", ADD_AT, new, behaviour=behaviour)
    yield one_hot("one-hot-overwrite", "repeated ids overwrite in one-hot rows", 18, "", ONE_HOT,
                  "        total[self.rows.ids] = values")  # fmt: skip


def _linear() -> Iterator[Mistake]:
    for id, name, number, old, new in (
        ("W-written", "dW written instead of added", 12, DW, DW.replace("+=", "[...] =")),
        ("W-averaged", "dW averaged over the rows instead of summed", 13, DW, DW + " / len(dy)"),
        ("W-missing", "the weights get no gradient", None, DW, "        pass"),
        ("b-averaged", "output bias averaged over the rows instead of summed", 13, DB, DB + " / len(dy)"),
        ("b-wrong-axis", "output bias summed over the wrong axis", 13, DB, "        bias_gradient += dy.sum()"),
        ("b-last-row", "output bias of the last row only", 13, DB, "        bias_gradient += dy[-1]"),
        ("b-missing", "the output bias gets no gradient", None, DB, "        pass"),
        ("b-written", "db written instead of added", 12, DB, DB.replace("+=", "[...] =")),
        ("dx-missing", "the layer below a linear layer gets no gradient", None, LINEAR_DX, LINEAR_DX + " * 0.0"),
        ("dx-averaged", "dx of a linear layer divided by the number of rows", None, LINEAR_DX,
         LINEAR_DX + " / len(dy)"),
    ):  # fmt: skip
        kind = rf"same again to the gradient of [\w.]*\b{id[0]}\b" if id.endswith("-written") else ""
        hosts = ("Linear",) if id == "W-missing" else ("Linear", "TiedLinear")
        yield linear(id, name, number, "", old, new, behaviour=kind, hosts=hosts)
    yield tied("tied-one-side", "tied embedding on one side only", None, "", TIED_DW,
               "        return __import__('numpy').zeros_like(self.embedding.W.T)")  # fmt: skip


def _dropout() -> Iterator[Mistake]:
    yield dropout("not-applied", "dropout mask not applied in backward", None, "", MASK, "        return dy")
    yield dropout("not-scaled", "dropout mask without its scale 1 / (1 - rate) in backward", None, "", MASK,
                  MASK + " * (1.0 - self.rate)")  # fmt: skip
    yield dropout("applied-twice", "dropout mask applied twice in backward", None, "", MASK, MASK + " * tape.mask")
    yield dropout("redrawn", "dropout mask drawn again in backward", None, "", MASK, MASK.replace("dy * tape.mask",
                  f"dy * {KEEP}"),
                  random=True)  # fmt: skip


def _cross_entropy() -> Iterator[Mistake]:
    for id, name, number, equation, old, new in (
        ("not-divided", "not divided by the token count", 16, "(4)", SHARE, "        share = 1.0"),
        ("divided-twice", "divided by the token count twice", 16, "(4)", LOSS_RETURN,
         LOSS_RETURN + " / len(tape.d_logits)"),
        ("divided-by-classes", "divided by the number of classes instead of tokens", 16, "(4)", SHARE,
         "        share = 1.0 / classes"),
        ("divided-count-minus-1", "divided by one token less than there are", 17, "(4)", SHARE,
         "        share = 1.0 / (count - 1)"),
        ("no-targets", "the targets not subtracted from the probabilities", None, "(4)", ONE, "            pass"),
        ("targets-not-divided", "1 subtracted at the targets without dividing by the token count", None, "(4)", ONE,
         ONE.replace(" * share", "")),
        ("sign", "sign of dL/d(logits) turned", None, "(4)", LOSS_RETURN, "        return -tape.d_logits"),
        ("softmax-again", "the derivative p (1 - p) of the softmax multiplied in once more", None, "(4)", SMOOTH,
         SMOOTH + AGAIN),
        ("p-not-divided", "probabilities not divided by the token count", 16, "(4)", SOFTMAX,
         SOFTMAX.replace("share", "1.0")),
        ("smoothing-forgotten", "label smoothing forgotten in backward", None, "(2)", SMOOTH_TEST,
         SMOOTH_TEST.replace("if smoothing", "if False")),
        ("smoothing-target-only", "label smoothing forgotten at the target in backward", None, "(2)", ONE,
         ONE.replace("(1.0 - smoothing)", "1.0")),
        ("smoothing-sign", "label smoothing added instead of subtracted in backward", None, "(2)", SMOOTH,
         SMOOTH.replace("-=", "+=")),
    ):  # fmt: skip
        yield loss(id, name, number, equation, old, new)
    masked = NLL.replace("log_total - z_target", "(log_total - z_target) * (y != 3)")
    yield loss("gradient-not-masked", "loss masked, its gradient not", 15, "(3)", NLL, masked, forward=True)


def _squared() -> Iterator[Mistake]:
    for id, name, new in (
        ("squared-factor-2", "the factor 1/2 of the squared error forgotten: twice too large",
         "2.0 * " + SQUARED.strip()[7:]),
        ("squared-not-divided", "squared error's gradient not divided by the number of rows", "tape.difference * 1.0"),
        ("squared-all-entries", "squared error's gradient divided by all entries instead of rows",
         "tape.difference / tape.difference.size"),
        ("squared-sign", "sign of the squared error's gradient turned", "-" + SQUARED.strip()[7:]),
    ):  # fmt: skip
        yield squared(id, name, None, "", SQUARED, "        return " + new)
