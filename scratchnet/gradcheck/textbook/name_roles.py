"""What the names in a learner's file most likely mean: inputs, states, weights, gates, gradients.

Courses write x, xt, inputs; h, prev_h, a_prev, h0; c, C_prev, cell_state; Wx, W_ih, Wf, U; dnext_h, da_next, dh. A
name is only a guess here: what was guessed is tried, and a forward that equals the library's own proves it.

Read next: results.py.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

X, H, C, STATE, MASK, LENGTHS, PARAMS, CACHE, TARGET, WEIGHT = (
    "x", "h", "c", "state", "mask", "lengths", "params", "cache", "target", "weight",
)  # fmt: skip

WORDS = {
    X: "x xs inp input inputs data emb embed embedded embeddings sequence feature features token tokens",
    H: "h hs a s hid hidden hiddens act activation out outs output outputs",
    C: "c cs cell cells mem memory carry",
    MASK: "mask masks m",
    LENGTHS: "lengths length lens len seqlens",
    PARAMS: "params parameters param p weights theta model prm",
    CACHE: "cache caches ctx context saved tape history values intermediates stash record records store",
    TARGET: "y yt ys yhat ypred pred preds target targets label labels ytrue prob probs logits loss score scores",
}
# What only says when or where, never what.
WHEN_AND_WHERE = """
    prev previous next old last init initial first t t1 tm1 tp1 minus plus 0 1 state states vec vector in all new final
    seq step cur current prv nxt end start batch upstream time timestep flow grad n
"""
AFFIXES = frozenset(WHEN_AND_WHERE.split())
FUSED = re.compile(
    r"^(?:prev|next|init|last|d)?(xs|hs|cs|as|x|h|c|a|s)(?:t|0|T|tm1|t1|n|prev|next|init|last|old|new)?$"
)
KNOWN = {word: role for role, words in WORDS.items() for word in words.split()}
GRADIENT = re.compile(
    r"^(?:(?:top_|bottom_)?diff_|d_|grads?_|gradients?_|g_|delta_|dL_d|dldl?_?|d)(?P<name>.+)$", re.IGNORECASE
)
GRADIENT_AFTER = re.compile(r"^(?P<name>.+?)_?(?:grads?|gradients?|diff)$", re.IGNORECASE)

# What each gate is called. The first is the library's own.
GATES: dict[str, dict[str, str]] = {
    "lstm": {
        "i": "i in input inp u update inputgate ig",
        "f": "f forget fg forgetgate",
        "g": "g c cand candidate cell n ctilde cbar cc gate j a ct tilde k block",
        "o": "o out output og outputgate",
    },
    "gru": {
        "r": "r reset rg resetgate",
        "z": "z u update zg updategate",
        "n": "n h c g cand candidate hh htilde hbar new tilde hc ht a",
    },
    "rnn": {"a": "a"},
}


def role_of(name: str) -> str:
    """Return what an argument or a result is, judged by its name: one of the roles above, WEIGHT where none fits."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    parts = [part for part in re.split(r"[^a-z0-9]+", plain) if part]
    told = [part for part in parts if part not in AFFIXES]
    if not told:
        return STATE if any(part.startswith("state") for part in parts) else WEIGHT
    found = {KNOWN.get(part) or KNOWN.get((FUSED.match(part) or [""] * 2)[1], WEIGHT) for part in told}
    if len(found) == 1:
        return found.pop()
    # "cell_input" and "hidden_output" are about the word in front; "h_cache" and "x_mask" about the last.
    for last in (CACHE, MASK, LENGTHS, PARAMS):
        if last in found:
            return last
    return WEIGHT if WEIGHT in found else KNOWN.get(told[0], WEIGHT)


def is_s(name: str) -> bool:
    """Tell whether a name is a state's because of the letter s: beside an h, s is the cell's memory."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    parts = [part for part in re.split(r"[^a-z0-9]+", plain) if part and part not in AFFIXES]
    return any((FUSED.match(part) or [""] * 2)[1] in ("s", "ss") for part in parts)


def gradient_of(name: str) -> str | None:
    """Return the name whose gradient this one is ("dprev_h" -> "prev_h"), or None where it is not a gradient's."""
    for pattern in (GRADIENT_AFTER, GRADIENT):
        if found := pattern.match(name):
            return found["name"].lstrip("_") or None
    return None


def is_bias(name: str, all_names: Sequence[str] = ()) -> bool:
    """Tell whether a weight's name is a bias's; "B" is not, beside a single "A"."""
    if name == "B" and len(all_names) == 2:
        return False
    return name.lower().startswith("b") or "bias" in name.lower()


def is_output_weight(name: str, all_names: Sequence[str]) -> bool:
    """Tell whether a weight belongs to an output layer, behind the cell: Wy, by, Why, Wya; V and c beside U and W."""
    if "y" in name.lower().replace("layer", ""):
        return True
    return {"U", "W", "V"} <= set(all_names) and name in ("V", "c")


def families(names: Sequence[str], kind: str) -> Iterator[dict[str, dict[str, str]]]:
    """Yield ways to read names as one weight for each gate: {"W*": {"Wf": "f", ...}, "b*": {...}}.

    Every family has each gate of the kind once. Names that fit no family are left out.
    """
    slots = GATES[kind.split("-")[0]]
    if len(slots) < 2:
        return
    meanings: dict[str, list[str]] = {}
    for slot, words in slots.items():
        for word in words.split():
            meanings.setdefault(word, []).append(slot)
    stems: dict[str, dict[str, str]] = {}
    for name in names:
        for start, end in itertools.combinations(range(len(name) + 1), 2):
            token = re.sub(r"[^a-z]", "", name[start:end].lower())
            if token in meanings and not (name[start] == "_" or name[end - 1] == "_"):
                stems.setdefault(f"{name[:start]}*{name[end:]}", {})[token] = name
    whole: dict[tuple[str, ...], list[tuple[str, dict[str, str]]]] = {}
    for stem, found in stems.items():
        for chosen in itertools.combinations(sorted(found), len(slots)):
            for order in itertools.permutations(slots):
                fits = all(slot in meanings[token] for token, slot in zip(chosen, order, strict=True))
                members = {found[token]: slot for token, slot in zip(chosen, order, strict=True)}
                if fits and len(members) == len(slots):
                    whole.setdefault(chosen, []).append((stem, members))
    # All families of a reading speak of their gates in the same words; the reading that covers most names comes first.
    readings = []
    for options in whole.values():
        reading: dict[str, dict[str, str]] = {}
        taken: set[str] = set()
        for stem, members in sorted(options, key=lambda option: -len(option[0])):
            if not taken & members.keys():
                reading[stem] = members
                taken |= members.keys()
        readings.append((len(taken), reading))
    yield from (reading for _, reading in sorted(readings, key=lambda pair: -pair[0]))


def match_gradients(
    names: Sequence[str], targets: Mapping[str, str], role: Callable[[str], str] = role_of
) -> dict[str, str]:
    """Return {name of a gradient: target}.

    targets: {target: its role, or WEIGHT for a weight of that very name}. role: tells a name's role.
    """
    found: dict[str, str] = {}
    weights = {target.lower(): target for target, role in targets.items() if role == WEIGHT}
    states = {role: target for target, role in targets.items() if role != WEIGHT}
    for name in names:
        inner = gradient_of(name) or name
        for option in (inner, name):
            target = weights.get(option.lower()) or weights.get(option.lower().replace("_", ""))
            target = target or states.get(role(option))
            if target and target not in found.values():
                found[name] = target
                break
    return found
