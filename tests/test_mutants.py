"""The checker is checked: every classic wrong backward pass is rejected, and its right twin accepted."""

from typing import Any

import pytest
from mutants import MUTANTS
from mutating import Mutant, batch, cell

from scratchnet.cells import RNNCell
from scratchnet.gradcheck import Report, check_cell, check_layer, check_seq2seq

SCALES, SEEDS = (0.1, 1.0), (0, 1)
LENGTHS = (3, 2, 1)
NAMES = [f"{mutant.number or '+'} {mutant.name} ({mutant.family})" for mutant in MUTANTS]
TWINS = list(dict.fromkeys((mutant.family, mutant.twin) for mutant in MUTANTS if mutant.family != "cell"))


def check(family: str, subject: Any, scale: float, seed: int) -> Report:
    """Run the check that fits the family."""
    if family == "cell":
        return check_cell(subject, scale=scale, seed=seed, lengths=LENGTHS, hidden_size=3, both_directions=False)
    if family == "layer":
        return check_layer(subject, scale=scale, seed=seed, lengths=LENGTHS)
    return check_seq2seq(subject, batch(), scale=scale, rng_seed=seed)


@pytest.mark.parametrize("mutant", MUTANTS, ids=NAMES)
def test_a_wrong_backward_is_rejected_at_small_and_large_weights(mutant: Mutant) -> None:
    subject = mutant.build()
    for scale in SCALES:
        for seed in SEEDS:
            report = check(mutant.family, subject, scale, seed)
            assert report.blocks, f"{mutant.name} does not even run: {report}"
            assert not report.ok, f"{mutant.name} is accepted at scale {scale}, seed {seed}"


@pytest.mark.parametrize("twin", {mutant.twin(): None for mutant in MUTANTS if mutant.family == "cell"})
def test_the_right_twin_of_a_wrong_cell_is_accepted(twin: type) -> None:
    assert [(s, k) for s in SCALES for k in SEEDS if not check("cell", twin, s, k).ok] == []


@pytest.mark.parametrize(("family", "twin"), TWINS, ids=[twin.__name__ for _, twin in TWINS])
def test_the_right_twin_of_a_wrong_layer_or_model_is_accepted(family: str, twin: Any) -> None:
    assert [(s, k) for s in SCALES for k in SEEDS if not check(family, twin(), s, k).ok] == []


def test_the_catalogue_has_all_twenty_mistakes_of_the_table_and_more() -> None:
    assert set(range(1, 21)) <= {mutant.number for mutant in MUTANTS}
    assert len(MUTANTS) >= 30


def test_no_two_mutants_share_a_name() -> None:
    assert len(set(NAMES)) == len(NAMES)


def test_a_mutant_whose_line_is_gone_says_so() -> None:
    with pytest.raises(AssertionError, match=r"cells/rnn\.py has 'no such line' 0 times"):
        cell("", None, RNNCell, "no such line", "").build()
