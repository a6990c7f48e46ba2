"""Mistakes where encoder and decoder meet, and in clipping.

Read next: mutant.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from mistakes.maker import maker
from mistakes.mutant import Mistake

CONTEXT = "        d_context = select_rows(d_initial, tape.batch.target_rows)"
ENCODER = "        self.encoder.backward(None, d_final, tape.encoder)"
D_LOGITS = "        d_logits = self.loss.backward(tape.loss)"
BRIDGE = "                forward[name], backward[name] = joined[:, :half], joined[:, half:]"
ROWS = "        x = self.dropout.forward(x, tape.dropout, rng)\n        return"
OUTPUT = "        d_outputs = self.output.backward(d_logits, tape.output)"
MASKED = OUTPUT.replace("self.output.backward(d_logits, tape.output)", "self.output_dropout.backward("
                        "self.output.backward(d_logits, tape.output), tape.output_dropout)")  # fmt: skip
NORM = "    return np.sqrt(sum(g @ g for (g,) in flat_together(gradients)))"
SCALE = "    scale = np.minimum(max_norm / (norm + 1e-6), 1.0)"
BLOCK = "        backend.blockwise(partial(_scale, gradient, scale), gradient.size)\n    return norm"
PIECE = "    piece *= scale"

handover = maker("hand-over", "seq2seq.py", "Seq2Seq")
encoder = maker("hand-over", "seq2seq.py", "Encoder")
decoder = maker("dropout", "seq2seq.py", "Decoder")
counting = maker("loss", "seq2seq.py", "Seq2Seq")
bridge = maker("hand-over", "seq2seq.py", "LinearBridge")
clipping = maker("clipping", "optim.py", "clip_by_global_norm")


def model_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of `Seq2Seq`, its halves, the bridge between them, and of clipping."""
    return (*_handover(), *_bridge(), *_loss(), *_clipping())


def _scaled(states: str, factor: str) -> str:
    loop = f"        for states in d_context:\n            for name in {states}:"
    return f"{CONTEXT}\n{loop}\n                states[name] = states[name] * {factor}"


def _handover() -> Iterator[Mistake]:
    for id, name, number, old, new in (
        ("c-missing", "decoder's initial c gives no gradient to the encoder", 19, CONTEXT, _scaled("list(states)[1:]",
         "0.0")),
        ("h-missing", "decoder's initial h gives no gradient to the encoder", 19, CONTEXT, _scaled('["h"]', "0.0")),
        ("encoder-detached", "encoder detached", 20, ENCODER, "        pass"),
        ("not-permuted", "the decoder's order not permuted back into the encoder's", None, CONTEXT,
         "        d_context = d_initial"),
        ("permuted-wrongly", "the permutation of forward used in backward instead of its inverse", None, CONTEXT,
         CONTEXT.replace("target_rows", "context_rows")),
        ("batch-averaged", "the context's gradient averaged over the batch", None, CONTEXT,
         _scaled("states", "(1.0 / tape.batch.sentences)")),
        ("twice", "the context's gradient added twice", None, CONTEXT, _scaled("states", "2.0")),
    ):  # fmt: skip
        yield handover(id, name, number, "", old, new)
    yield encoder("unreversed-ids", "embedding's gradient added to the words of the unreversed source", None, "", ROWS,
                  "        if self.embedding is not None:\n"
                  "            tape.embedding.ids = sources.rows\n" + ROWS)  # fmt: skip
    yield decoder("output-mask-forgotten", "dropout mask before the output layer forgotten in backward", None, "",
                  MASKED, OUTPUT)  # fmt: skip
    yield decoder("output-mask-of-input", "the input's dropout mask used before the output layer", None, "",
                  MASKED, OUTPUT + "\n        if tape.dropout.mask is not None:\n"
                  "            d_outputs = d_outputs * tape.output_dropout.mask[::-1]")  # fmt: skip


def _bridge() -> Iterator[Mistake]:
    for id, name, old, new in (
        ("halves-exchanged", "bridge halves exchanged", BRIDGE, BRIDGE.replace("forward[name], backward",
         "backward[name], forward")),
        ("one-direction", "the bridge hands its gradient to one direction only", BRIDGE,
         BRIDGE + "\n                backward[name] = backward[name] * 0.0"),
        ("first-half-twice", "the bridge hands the first half of its gradient to both directions", BRIDGE,
         BRIDGE.replace("joined[:, half:]", "joined[:, :half]")),
    ):  # fmt: skip
        yield bridge(f"bridge-{id}", name, None, "(1)", old, new)


def _loss() -> Iterator[Mistake]:
    for id, name, number, factor in (
        ("padded", "divided by batch times longest length instead of the real tokens", 17,
         "tape.batch.tokens / (tape.batch.sentences * tape.batch.packing.steps)"),
        ("sentences", "divided by the number of sentences instead of tokens", 16,
         "tape.batch.tokens / tape.batch.sentences"),
        ("steps", "divided by the number of steps instead of tokens", 16,
         "tape.batch.tokens / tape.batch.packing.steps"),
    ):  # fmt: skip
        yield counting(f"divided-{id}", name, number, "(4)", D_LOGITS, f"{D_LOGITS} * ({factor})")


def _clipping() -> Iterator[Mistake]:
    for id, name, old, new in (
        ("no-root", "the norm without its square root", NORM, NORM.replace("np.sqrt(", "(")),
        ("largest-block", "the norm of the largest block instead of the global norm", NORM,
         NORM.replace("sum(g", "max(g")),
        ("scales-up", "small gradients scaled up to the largest norm, too", SCALE,
         "    scale = max_norm / (norm + 1e-6)"),
        ("inverted", "the scale turned upside down", SCALE, "    scale = np.minimum((norm + 1e-6) / max_norm, 1.0)"),
        ("each-alone", "every gradient clipped by its own norm instead of the common one", BLOCK,
         "        gradient *= np.minimum(max_norm / (np.sqrt(gradient @ gradient) + 1e-6), 1.0)\n    return norm"),
        ("not-in-place", "the scaled gradients not written back", PIECE, "    piece = piece * scale"),
        ("returns-after", "the norm after clipping returned instead of the one before", BLOCK, BLOCK + " * scale"),
    ):  # fmt: skip
        yield clipping(id, name, None, "", old, new)
