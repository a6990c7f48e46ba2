from itertools import product
from types import SimpleNamespace

import numpy as np

START, END, V, H = 0, 1, 5, 4
BEAM, MAX_LENGTH, SEED = 3, 4, 602
WORST = "the worst are kept, not the best"


def decoder(seed):
    """Return (step, state) of a small random decoder that notes how it is called."""
    rng = np.random.default_rng(seed)
    W, U, out = 2.0 * rng.standard_normal((H, H)), rng.standard_normal((V, H)), 1.5 * rng.standard_normal((H, V))
    calls = []

    def step(states, words):
        if len(states) != len(words):
            raise ValueError(f"{len(states)} states for {len(words)} words: (3) wants the state of each one's parent")
        new = np.tanh(states @ W + U[words])
        z = new @ out
        z[:, START] = -50.0
        calls.append(len(words))
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True)), new

    return step, rng.standard_normal(H), calls


def search(step, state, beam, max_length, penalty, *, states_of="parents", closing=True):
    """Return [(score, words)], best first; states_of and closing are where a learner's search may differ."""
    live, states, complete = [((), 0.0)], state[None, :], []
    words = np.array([START])
    for _ in range(max_length + 1):
        log_p, states = step(states, words)
        candidates = np.array([total for _, total in live])[:, None] + log_p
        room = beam - len(complete) if closing else beam
        kept = [np.unravel_index(k, log_p.shape) for k in np.argsort(-candidates.ravel(), kind="stable")[:room]]
        grown = [((*live[r][0], int(v)), candidates[r, v], r) for r, v in kept]
        complete += [(total / len(ids) ** penalty, ids[:-1]) for ids, total, _ in grown if ids[-1] == END]
        going = [k for k, (ids, _, _) in enumerate(grown) if ids[-1] != END]
        if not going:
            break
        live = [grown[k][:2] for k in going]
        words = np.array([ids[-1] for ids, _ in live])
        rows = going if states_of == "parents" else range(len(going))
        states = states[[grown[k][2] for k in rows]]
    return sorted(complete, reverse=True)


def everything(step, state, max_length):
    """Return the best (total, words) among all sentences of up to max_length words."""
    found = []
    for n in range(max_length + 1):
        for ids in product([v for v in range(V) if v not in (START, END)], repeat=n):
            total, states, before = 0.0, state[None, :], START
            for word in (*ids, END):
                log_p, states = step(states, np.array([before]))
                total, before = total + log_p[0, word], word
            found.append((total, ids))
    return max(found)


def check(judge):
    rng = judge.rng
    totals, log_p, room = rng.standard_normal(3) - 2.0, np.log(rng.dirichlet(np.ones(V), 3)), 4
    given = SimpleNamespace(**dict(zip(
        ("parents", "words", "totals"),
        judge.call("advance", totals, log_p, room, results=("parents", "words", "totals")), strict=True,
    )))  # fmt: skip

    def best_of(values):
        places = np.argsort(-values.ravel(), kind="stable")[:room]
        return np.divmod(places, V)

    candidates = totals[:, None] + log_p
    kinds = {
        "the totals so far are not added: only the last word counts": log_p,
        WORST: -candidates,
        "multiplied: logarithms are added": totals[:, None] * log_p,
        "the totals are subtracted": log_p - totals[:, None],
    }
    per_row = np.argsort(-candidates, axis=1)[:, :2]
    ranked = sorted(((candidates[r, v], r, v) for r in range(3) for v in per_row[r]), reverse=True)[:room]
    equation = "(1) candidates = totals + log_p, (2) the `room` best of all of them together, best first"
    parents, words = best_of(candidates)
    wrong = {text: best_of(values) for text, values in kinds.items()}
    wrong["the best two of each row are taken, not the best of all rows"] = tuple(
        np.array([one[k] for one in ranked]) for k in (1, 2)
    )
    columns = np.divmod(np.argsort(-candidates.T.ravel(), kind="stable")[:room], 3)
    wrong["row and column exchanged"] = words, parents
    wrong["divided by the number of rows instead of words in the vocabulary"] = np.divmod(
        np.argsort(-candidates.ravel(), kind="stable")[:room], 3
    )
    wrong["best last: np.argsort sorts upwards"] = parents[::-1], words[::-1]
    wrong["counted through the columns instead of the rows"] = columns

    def is_this(text, made):
        """Tell whether parents, words and totals are those of one mistake: the places alone do not always tell."""
        values = {**kinds, WORST: candidates}.get(text, candidates)
        same_places = all(map(np.array_equal, (given.parents, given.words), made)) and made[0].max() < len(totals)
        return same_places and np.shape(given.totals) == (room,) and np.allclose(given.totals, values[made])

    named = [text for text, made in wrong.items() if is_this(text, made)]
    in_the_sums = any(text in kinds and text != WORST for text in named)
    in_the_places = any("row" in text for text in named)
    place = ("candidates",) if in_the_sums else ("parents", "words") if in_the_places else ("best",)
    likely = {text: made for text, made in wrong.items() if text in (named or wrong)}
    for k, (name, right) in enumerate((("parents", parents), ("words", words))):
        judge.same(
            f"{name} of advance", getattr(given, name), right, equation=equation,
            mistakes={text: made[k] for text, made in likely.items() if not np.array_equal(made[k], right)},
            axes=("candidate",), line=("advance", *place), right=f"the {name} are right",
        )  # fmt: skip
    judge.same(
        "totals of advance", given.totals, candidates[parents, words], equation="(1)", axes=("candidate",),
        line=("advance", "candidates"), mistakes={"without the totals so far": log_p[parents, words]},
    )  # fmt: skip
    for penalty in (0.0, 1.0, 0.6):
        judge.same(
            f"score of a total of -6 with 3 words and END, penalty {penalty:g},",
            judge.call("score", -6.0, 4, penalty), np.array(-6.0 / 4**penalty),
            equation="(4) score = total / length ** penalty",
            mistakes={"not divided": -6.0, "END is not counted": -6.0 / 3**penalty,
                      "END is counted twice: length counts it already": -6.0 / 5**penalty,
                      "multiplied instead of divided": -6.0 * 4**penalty,
                      "divided by length * penalty": -6.0 / (4 * penalty) if penalty else -6.0,
                      "the mean, whatever the penalty": -6.0 / 4,
                      "total / length to the power: ** binds before /, without brackets": (-1.5) ** penalty
                      if penalty in (0.0, 1.0) else np.nan},
            line=("score", "value"), right=f"the score with penalty {penalty:g} is right",
        )  # fmt: skip
    step, state, calls = decoder(SEED)
    right = search(step, state, BEAM, MAX_LENGTH, 1.0)
    wanted_calls, _ = calls.copy(), calls.clear()
    found = judge.call("search", step, state, BEAM, MAX_LENGTH, 1.0)
    asked = calls.copy()
    if [ids for _, ids in found] != [ids for _, ids in right]:
        looks = {
            "as many parents as there are live ones, but not theirs: each sentence goes on with another one's memory":
            search(step, state, BEAM, MAX_LENGTH, 1.0, states_of="first"),
            "a complete sentence leaves its place to another: room must shrink with every complete one":
            search(step, state, BEAM, MAX_LENGTH, 1.0, closing=False),
        }  # fmt: skip
        named = [text for text, made in looks.items() if [ids for _, ids in made] == [ids for _, ids in found]]
        rows = next((k for k, pair in enumerate(zip(asked, wanted_calls, strict=False)) if pair[0] != pair[1]), -1)
        judge.wrong(
            f"search finds {len(found)} sentence{'s' * (len(found) != 1)}, the best "
            f"{found[0][1] if found else '(none)'}: wanted {len(right)}, the best {right[0][1]}",
            where=f"step {rows}, from 0: live rows {asked[rows]}, wanted {wanted_calls[rows]}" if rows >= 0 else "",
            equation="room = beam - number of complete ones" if rows >= 0 else "(3) each that is live goes on with the "
            "state of its parent",
            looks_like=named[0] if named else "none of the mistakes this exercise knows",
            line=("search", "room" if rows >= 0 else "states"),
        )  # fmt: skip
    judge.right(f"a beam of {BEAM} finds {len(right)} sentences, in the right order")
    best = everything(step, state, MAX_LENGTH)
    sums = {beam: judge.call("search", step, state, beam, MAX_LENGTH, 0.0) for beam in (1, V**MAX_LENGTH)}
    greedy, wide = (found[0] if found else (float("-inf"), ()) for found in sums.values())
    judge.true(
        wide[1] == best[1] and abs(wide[0] - best[0]) < 1e-9,
        f"a beam as wide as all sentences finds the likeliest of them, log p = {best[0]:.3f}; greedy search finds "
        + (f"one of {greedy[0]:.3f}" if np.isfinite(greedy[0]) else "none that ends"),
        f"a beam as wide as all sentences does not find the likeliest one: {wide[0]:.3f} instead of {best[0]:.3f}",
        looks_like="something is dropped although there is room", line=("search", "room"),
    )  # fmt: skip
