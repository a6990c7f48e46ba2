"""Exercise 21: beam search.

(1)  candidates[r, v] = totals[r] + log_p[r, v]
(2)  keep the `room` best of all candidates together, best first
(3)  each goes on with the state of its parent row
(4)  score = total / length ** penalty, END counted
"""

import numpy as np

START, END = 0, 1


def advance(totals, log_p, room):
    """Return (parents, words, totals) of the `room` best candidates, best first; all three of shape (k,), k <= room.

    totals: of the live beginnings, (rows,). log_p: of every next word, (rows, V). parents and words are whole numbers.
    """
    # --- your code begins ---
    candidates = totals[:, None] + log_p  # (1)
    best = np.argsort(-candidates.ravel(), kind="stable")[:room]  # (2)
    parents, words = np.divmod(best, log_p.shape[1])
    # --- your code ends ---
    return parents, words, candidates[parents, words]


def score(total, length, penalty):
    """Return what a complete sentence is compared by, a number. length: its words, END counted."""
    # --- your code begins ---
    value = total / length**penalty  # (4)
    # --- your code ends ---
    return value


def search(step, state, beam, max_length, penalty):
    """Return a list of (score, words) of the complete sentences found, best first; words is a tuple without END.

    step(states (rows, H), words (rows,)) returns (log_p (rows, V), new states (rows, H)). state: of the source, (H,).
    At most max_length words are written before END.
    """
    sentences, totals, states, words, complete = [()], np.zeros(1), state[None, :], np.array([START]), []
    for _ in range(max_length + 1):
        log_p, states = step(states, words)
        # --- your code begins ---
        room = beam - len(complete)
        # --- your code ends ---
        parents, words, totals = advance(totals, log_p, room)
        grown = [(*sentences[parent], int(word)) for parent, word in zip(parents, words, strict=True)]
        for sentence, total in zip(grown, totals, strict=True):
            if sentence[-1] == END:
                complete.append((score(total, len(sentence), penalty), sentence[:-1]))
        live = np.flatnonzero(words != END)  # which of those that were kept go on
        sentences, totals, words = [grown[k] for k in live], totals[live], words[live]
        # --- your code begins ---
        states = states[parents[live]]  # (3)
        # --- your code ends ---
        if len(live) == 0:
            break
    return sorted(complete, reverse=True)
