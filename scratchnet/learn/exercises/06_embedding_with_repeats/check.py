import numpy as np

V, E = 6, 3
IDS = np.array([[1, 4, 2, 4], [3, 1, 4, 0]])


def check(judge):
    dx, W = judge.rng.standard_normal((*IDS.shape, E)), judge.rng.standard_normal((V, E))
    judge.same(
        "x", judge.call("embedding_forward", W, IDS), W[IDS], equation="x_n = W[ids_n]",
        axes=("sentence", "step", "unit"), line=("embedding_forward",), right="forward is right",
    )  # fmt: skip
    # What an earlier use of the table has left there.
    old = judge.rng.standard_normal((V, E))
    dW = old.copy()
    judge.call("embedding_backward", dx, IDS, dW, may_change=("dW",))
    right = judge.gradient(lambda table: (table[IDS] * dx).sum(), W)
    last = np.zeros((V, E))
    last[IDS] += dx
    overwritten = old.copy()
    overwritten[IDS] = dx
    times = np.bincount(IDS.ravel(), minlength=V)[:, None]
    by_sentence = np.zeros((V, E))
    for ids, rows in zip(IDS, dx, strict=True):
        by_sentence[ids] += rows
    judge.same(
        "what is added to dW", dW - old, right, equation="dW[v] = sum of dx_n over all n with ids_n = v",
        mistakes={"a repeated word overwrites itself, its last occurrence alone is left": last,
                  "rows are set, not added to: repeats and what was there before are lost": overwritten - old,
                  "added up rightly, but what was there before is lost": right - old,
                  "added up rightly, but set with =: what was there before is lost": right - old * (times > 0),
                  "the mean over a word's occurrences in place of the sum": right / np.maximum(times, 1),
                  "repeats in another sentence are added, a repeat inside a sentence overwrites itself": by_sentence,
                  "the array given is not written to: dW = ... binds a new name": 0 * right},
        axes=("word", "unit"), line=("embedding_backward", "dW"),
        why="compare: words 1 and 4 occur more than once, 0, 2 and 3 once, 5 never",
        right="dW is right, for words that occur once, several times, and never",
    )  # fmt: skip
