import numpy as np
from rich.table import Table

START, V, H, T = 0, 8, 16, 6
UPDATES, BATCH, SENTENCES, LENGTH = 120, 30, 30, 8
LINE = ("choose", "words")


def check(judge):
    check_choose(judge)
    weights, h = new_weights(judge.rng), judge.rng.standard_normal((4, H))
    targets = np.array([[3, 1, 3, 2, 5, 1], [2, 2, 6, 1, 4, 3], [5, 4, 1, 7, 7, 2], [1, 6, 2, 3, 1, 4]])
    shifted = np.concatenate([np.full((4, 1), START), targets[:, :-1]], axis=1)
    own = free_words(weights, h)
    for ratio, wanted, name in ((1.0, shifted, "teacher forcing"), (0.0, own, "running freely")):
        rng = np.random.default_rng(0)
        loss, tape = judge.call("decode", weights, h, targets, ratio, rng, results=("loss", "tape"))
        late = np.concatenate([np.full((4, 1), START), targets[:, 1:]], axis=1)
        early = np.concatenate([np.full((4, 1), START), targets[:, -1:], targets[:, : T - 2]], axis=1)
        judge.same(
            f"what the decoder reads, {name} (ratio {ratio:g})", tape.inputs, wanted, axes=("sentence", "step"),
            equation="the input of step t is START for t = 0, else the true or the written word of step t - 1",
            mistakes={"the decoder reads the very word that it is to write: the answer": late,
                      "a word too old: `read` is for step t + 1, whose step before is t, so its true word is "
                      "targets[:, t]": early,
                      "its own words where it was to read the true ones": own,
                      "the true words where it was to read its own": shifted,
                      "nothing but START": np.zeros_like(targets)},
            line=("decode", "read", "written"),
        )  # fmt: skip
    judge.same("the loss", loss, loss_of(weights, h, tape.inputs, targets), equation="(3) of losses.py")
    given = judge.call("decode_backward", weights, tape)
    made = {
        "the rows of the true words: (0) has read others": backward(weights, tape, shifted),
        "the rows of the words to be written": backward(weights, tape, targets),
        "the rows that step t + 1 has read: step t has read tape.inputs[:, t]":
        backward(weights, tape, np.concatenate([own[:, 1:], own[:, -1:]], axis=1)),
        "dh of this step is kept beside what goes back: da W_hh^T alone is the share of the step before":
        backward(weights, tape, own, lambda da, dh: dh + da @ weights["W_hh"].T),
        "nothing is handed back from step to step": backward(weights, tape, own, lambda da, dh: 0.0 * da),
        "dh is handed back without W_hh^T": backward(weights, tape, own, lambda da, dh: da),
        "dh in place of da is handed back: (1) is skipped":
        backward(weights, tape, own, lambda da, dh: dh @ weights["W_hh"].T),
        "W_hh in place of its transpose": backward(weights, tape, own, lambda da, dh: da @ weights["W_hh"]),
    }  # fmt: skip
    for name in ("W_o", "W_hh", "W_x"):
        judge.same(
            f"d{name}, running freely", given[name],
            judge.gradient(lambda z, name=name: loss_of({**weights, name: z}, h, own, targets), weights[name]),
            equation="(0) and (1) backwards, at the words that were read: the choice has no gradient",
            mistakes={words: arrays[name] for words, arrays in made.items()},
            axes=("word", "unit") if name == "W_x" else ("unit", "column"),
            line=("decode_backward", "rows" if name == "W_x" else "dh"),
        )  # fmt: skip
    judge.right("measured: your decoder, trained in two ways, and then read with and without a teacher", trained(judge))


def check_choose(judge):
    count = 4000
    true, written = judge.rng.integers(0, 50, count), judge.rng.integers(50, 100, count)
    details = {
        "equation": "words_n = true_n with probability ratio, else written_n: a draw for each word",
        "line": LINE,
    }
    for ratio in (1.0, 0.0, 0.75):
        words, again = (judge.call("choose", true, written, ratio, np.random.default_rng(5)) for _ in range(2))
        if np.shape(words) != (count,):
            judge.wrong(f"choose gives {np.shape(words)}: wanted (B,) words", **details)
        is_true = words == true
        if not (is_true | (words == written)).all():
            judge.wrong(f"choose, ratio {ratio:g}: some words are neither the true one nor the written", **details)
        if not np.array_equal(words, again):
            judge.wrong(
                "choose gives other words for an equal generator", **details,
                looks_like="the draws do not come from rng: np.random draws from elsewhere, and no run can be repeated",
            )  # fmt: skip
        share = is_true.mean()
        looks = "true and written are exchanged" if abs(share - (1 - ratio)) < 0.05 else ""
        if share in (0.0, 1.0) and 0.0 < ratio < 1.0:
            looks = "one draw for the whole batch: rng.random(n) makes n"
        if abs(share - ratio) > 0.05:
            judge.wrong(f"choose, ratio {ratio:g}: {share:.1%} of the words are true ones", **details, looks_like=looks)
    judge.right(f"choose takes the true word as often as it should ({share:.1%} of the words for ratio {ratio:g})")


def new_weights(rng, scales=(0.4, 0.4, 0.4)):
    shapes = {"W_x": (V, H), "W_hh": (H, H), "W_o": (H, V)}
    return {name: rng.normal(0.0, scale, shape) for (name, shape), scale in zip(shapes.items(), scales, strict=True)}


def logits_of(weights, h, words):
    h = np.tanh(weights["W_x"][words] + h @ weights["W_hh"])
    return h, h @ weights["W_o"]


def free_words(weights, h):
    read = [np.full(len(h), START)]
    for _ in range(T - 1):
        h, z = logits_of(weights, h, read[-1])
        read.append(z.argmax(axis=1))
    return np.stack(read, axis=1)


def loss_of(weights, h, inputs, targets):
    total = 0.0
    for t in range(inputs.shape[1]):
        h, z = logits_of(weights, h, inputs[:, t])
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        total = total - log_p[np.arange(len(targets)), targets[:, t]].mean()
    return total / inputs.shape[1]


def backward(weights, tape, rows, hand_back=None):
    gradients, dh = {name: np.zeros_like(array) for name, array in weights.items()}, 0.0
    for t in reversed(range(T)):
        gradients["W_o"] += tape.h[t + 1].T @ tape.dz[t]
        dh = dh + tape.dz[t] @ weights["W_o"].T
        da = dh * (1.0 - tape.h[t + 1] ** 2)
        gradients["W_hh"] += tape.h[t].T @ da
        np.add.at(gradients["W_x"], rows[:, t], da)
        dh = hand_back(da, dh) if hand_back else da @ weights["W_hh"].T
    return gradients


def trained(judge):
    """Return a table of losses after training with the learner's own functions."""
    decode, decode_backward = judge.code.function("decode"), judge.code.function("decode_backward")
    rng = np.random.default_rng((11, 2))
    sentences, codes = rng.integers(1, V, (SENTENCES, LENGTH)), rng.normal(0.0, 0.3, (SENTENCES, H))
    table = Table("trained with", "loss, true words read", "loss, own words read", box=None, pad_edge=False)
    for name, last in (("teacher forcing, ratio 1", 1.0), ("scheduled sampling, 1 to 0.25", 0.25)):
        rng = np.random.default_rng((1, 2))
        weights = new_weights(rng, (1.2, 0.3, 0.3))
        speed = {key: np.zeros_like(array) for key, array in weights.items()}
        for update in range(UPDATES):
            chosen = rng.integers(0, SENTENCES, BATCH)
            ratio = 1.0 - (1.0 - last) * update / UPDATES
            _, tape = decode(weights, codes[chosen], sentences[chosen], ratio, rng)
            for key, gradient in decode_backward(weights, tape).items():
                speed[key] = 0.9 * speed[key] + gradient
                weights[key] -= 0.3 * speed[key]
        losses = (decode(weights, codes, sentences, ratio, rng)[0] for ratio in (1.0, 0.0))
        table.add_row(name, *(f"{loss:.2f}" for loss in losses))
    return table
