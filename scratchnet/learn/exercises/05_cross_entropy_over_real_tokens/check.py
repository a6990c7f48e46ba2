import numpy as np

B, T, V = 3, 4, 5
LENGTHS = (4, 3, 1)


def check(judge):
    z, targets = judge.rng.standard_normal((B, T, V)), judge.rng.integers(0, V, (B, T))
    mask = (np.arange(T)[None, :] < np.array(LENGTHS)[:, None]).astype(float)
    count = mask.sum()

    def log_p(logits):
        return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))

    def token_losses(logits):
        return -np.take_along_axis(log_p(logits), targets[:, :, None], axis=-1)[:, :, 0]

    def loss_of(logits):
        return (mask * token_losses(logits)).sum() / count

    loss, dz = judge.call("loss_and_gradient", z, targets, mask, results=("loss", "dz"))
    nll = token_losses(z)
    judge.same(
        "the loss", loss, loss_of(z), equation="(3) L = -(1/N) sum over real tokens of log p[target]",
        mistakes={"divided by B * T, padding counted in N": (mask * nll).sum() / (B * T),
                  "padding counted in the sum, not in N": nll.sum() / count,
                  "padding counted in the sum and in N": nll.mean(),
                  "divided by B, the number of sentences": (mask * nll).sum() / B,
                  "divided by N * V: a mean over words, too": (mask * nll).sum() / (count * V),
                  "padding counted in the sum, which is divided by B": nll.sum() / B,
                  "the mean of each sentence, and then over the sentences: a short sentence's words count more":
                  ((mask * nll).sum(axis=1) / mask.sum(axis=1)).mean(),
                  "not divided by N": (mask * nll).sum(),
                  "the minus sign is missing": -loss_of(z)},
        line=("loss_and_gradient", "loss"),
    )  # fmt: skip
    p, q, m = np.exp(log_p(z)), np.eye(V)[targets], mask[:, :, None]
    judge.same(
        "dz", dz, judge.gradient(loss_of, z), equation="(4) dL/dz = mask * (p - q) / N",
        mistakes={"the loss is masked, its gradient is not": (p - q) / count,
                  f"not divided by N: every gradient of the network is {count:.0f} times too large": m * (p - q),
                  f"divided by B * T = {B * T} instead of N = {count:.0f}": m * (p - q) / (B * T),
                  "divided by B, the number of sentences": m * (p - q) / B,
                  "neither masked nor divided by N": p - q,
                  "unmasked, divided by B * T": (p - q) / (B * T),
                  "q is not subtracted": m * p / count,
                  "the mask is on p alone: at padding -q / N is left": (m * p - q) / count,
                  "the mask is on q alone: at padding p / N is left": (p - m * q) / count,
                  "each sentence divided by its own length, and by B: the gradient of another mean than the loss's":
                  m * (p - q) / mask.sum(axis=1)[:, None, None] / B,
                  "only the target word has a gradient here: every other word has p / N": m * q * (p - 1) / count,
                  "q - p: the sign is reversed": m * (q - p) / count,
                  "the derivative of log p by p, without the softmax": -m * q / p / count},
        axes=("sentence", "step", "word"), line=("loss_and_gradient", "dz"),
        right=f"dz is right, and 0 at padding ({count:.0f} real tokens of {B * T})",
    )  # fmt: skip
