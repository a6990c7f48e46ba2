"""The checker is checked: every known mistake is caught and named, two at once, too; right code raises no alarm.

Every mistake at every scale and several seeds is `python -m tests.mutation_score`; here is a part of that, in turn.
"""

from typing import Any

import pytest
from helpers import sample
from mistaken import CLASSES, MODELS, Case, batch, cases, check, lstm, plain, stack
from mutation_score import false_alarm, judge, judge_pair, score

from scratchnet.backend import NUMPY
from scratchnet.cells import CELLS, GRUCell, LSTMCell, RNNCell
from scratchnet.errors import InputError
from scratchnet.gradcheck import check_cell, check_seq2seq
from mistakes import Edit, Mistake, catalogue, compatible, families, mistake, mutant_of
from mistakes.mutant import Mutant
from scratchnet.layers import Embedding

EVERY = 9
SCALES = (0.01, 0.1, 1.0)
ALL = cases()
SOME = ALL[::EVERY]
TWINS = list(dict.fromkeys((case.kind, case.base) for case in ALL if case.kind in ("layer", "model")))


@pytest.mark.parametrize("case", sample(SOME, 4), ids=lambda case: case.name)
def test_a_mistake_is_caught_and_named_first(case: Case) -> None:
    caught, named, said = judge(case, SCALES[ALL.index(case) % 3], seed=1)
    assert caught
    assert named, said


NEIGHBOURS = (
    "lstm.W_hh-not-transposed-o", "lstm.f-from-i", "lstm.o-from-g", "lstm.dc-rebound", "lstm.dh-i-through-o",
    "lstm.dh-dx-f-through-g", "gru.W_hh-not-transposed-n", "gru-reset-before.dh-without-z",
    "gru-reset-before.W_hh-not-transposed-r", "gru-reset-before.W-first-step", "gru-reset-before.dx-without-n",
    "weight gradients.W-first-step", "weight gradients.W_hh-last-step", "weight gradients.all-last-step",
    "recurrent loop.final-c-last-step-only", "recurrent loop.h-carried-too", "recurrent loop.outputs-last-step-alone",
)  # fmt: skip


@pytest.mark.parametrize("id", sample(NEIGHBOURS, 3))
def test_a_mistake_that_is_like_others_is_told_from_them(id: str) -> None:
    case = next(case for case in ALL if case.mistake.id == id)
    caught, named, said = judge(case, 0.5, seed=2)
    assert caught
    assert named, said


@pytest.mark.slow
@pytest.mark.parametrize("family", families())
def test_every_mistake_of_a_family_is_caught_and_named_at_every_scale(family: str) -> None:
    from rich.console import Console

    chosen = [number for number, case in enumerate(ALL) if case.mistake.family == family]
    caught, named = score(chosen, SCALES, 1, Console(quiet=True), False)
    assert caught == 1.0
    assert named >= 0.95


@pytest.mark.slow
def test_a_thousand_draws_of_right_code_raise_no_alarm() -> None:
    assert [told for seed in range(1000) if (told := false_alarm(seed))] == []


def test_twenty_draws_of_right_code_raise_no_alarm() -> None:
    assert [told for seed in range(5000, 5020) if (told := false_alarm(seed))] == []


@pytest.mark.parametrize("cell", CELLS.values())
@pytest.mark.parametrize("scale", SCALES)
def test_a_right_cell_is_accepted_and_has_no_diagnosis(cell: type, scale: float) -> None:
    report = check("cell", cell, scale, 0)
    assert report.ok
    assert report.diagnosis is None


@pytest.mark.parametrize(("kind", "twin"), TWINS, ids=[twin.__name__ for _, twin in TWINS])
def test_the_right_twin_of_a_wrong_layer_or_model_is_accepted(kind: str, twin: Any) -> None:
    assert [scale for scale in SCALES if not check(kind, twin(), scale, 0).ok] == []


def test_the_catalogue_has_all_twenty_mistakes_of_the_table_and_many_more() -> None:
    assert set(range(1, 21)) <= {found.number for found in catalogue()}
    assert len(catalogue()) >= 300


def test_ids_are_unique_and_begin_with_the_family() -> None:
    ids = [found.id for found in catalogue()]
    assert len(set(ids)) == len(ids)
    assert all(found.id.startswith(f"{found.family}.") for found in catalogue())


def test_no_two_mistakes_of_one_host_share_a_name() -> None:
    names = [(host, found.name) for found in catalogue() for host in found.hosts]
    assert [name for name in names if names.count(name) > 1] == []


def test_every_mistake_can_be_made_in_the_library_as_it_stands() -> None:
    for found in catalogue():
        mutant = mutant_of(found.edits)
        for file in mutant.files:
            mutant.module(file)


def test_every_mistake_belongs_to_a_host_that_is_tried() -> None:
    assert {found.id for found in catalogue()} == {case.mistake.id for case in ALL}


def test_a_mistake_whose_line_is_gone_says_so() -> None:
    gone = Mistake("rnn.gone", "gone", None, "rnn", "", (Edit("cells/rnn.py", "no such line", ""),), ("RNNCell",))
    with pytest.raises(InputError, match=r"cells/rnn\.py has 'no such line' 0 times"):
        mutant_of(gone.edits).class_for(RNNCell)


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(InputError, match=r"no mistake 'lstm\.nothing'"):
        mistake("lstm.nothing")


def test_a_mistake_in_the_base_class_reaches_the_cells_that_use_it() -> None:
    mutant = mutant_of(mistake("weight gradients.b-averaged").edits)
    assert mutant.class_for(GRUCell) is not GRUCell
    assert mutant.class_for(Embedding) is Embedding


def test_two_mistakes_in_one_place_cannot_be_made_at_once() -> None:
    one, two = mistake("lstm.i-sign"), mistake("lstm.i-zero")
    assert not compatible(one, two)
    assert compatible(one, mistake("lstm.o-sign"))


@pytest.mark.parametrize(("host", "seed"), sample([(host, seed) for seed in (0, 1) for host in CLASSES], 3))
def test_two_mistakes_at_once_are_named_as_a_pair(host: str, seed: int) -> None:
    ids, found = judge_pair(host, seed)
    assert found is not False, ids


def test_a_pair_is_told_with_both_lines() -> None:
    pair = mistake("lstm.dc-without-f"), mistake("lstm.i-dh")
    said = check_cell(Mutant((*pair[0].edits, *pair[1].edits)).class_for(LSTMCell)).diagnosis
    assert said is not None
    assert said.kind == "pair"
    assert {line.text for line in said.lines if line} == {"dc_prev = dc", "da_i = dh * g * sigmoid_derivative(i)"}
    assert "and, at once" in said.as_text()


def test_a_mistake_in_a_model_is_placed_in_its_maps() -> None:
    found = mistake("hand-over.c-missing")
    model = plain()
    model.__class__ = mutant_of(found.edits).class_for(type(model))
    report = check_seq2seq(model, batch(), scale=0.5)
    decoder, encoder = report.cell_maps.items()
    assert (decoder[0], encoder[0]) == ("decoder.layers.layer0", "encoder.layers.layer0")
    assert decoder[1].clean
    assert "In time, read backwards: encoder.layers.layer0, gates i, f and g at t = 4" in report.where


def test_a_dropout_mask_drawn_anew_is_told_by_elimination() -> None:
    class Redrawing(type(stack())):  # type: ignore[misc]
        def backward(self, d_outputs: Any, d_final: Any, tape: Any, need_dx: bool = True) -> Any:
            import numpy as np

            rng = np.random.default_rng(123)
            for k in (1, 2):
                dropped = tape.parts[f"dropout{k}"]
                if dropped.mask is not None:
                    dropped.mask = NUMPY.dropout_mask(dropped.mask.shape, 0.6, rng, self.dtype)
            return super().backward(d_outputs, d_final, tape, need_dx)

    layer = stack()
    layer.__class__ = Redrawing
    said = check("layer", layer, 0.5, 0).diagnosis
    assert said is not None
    assert (said.kind, said.ids) == ("elimination", ("dropout.mask-redrawn",))


def test_models_and_layers_of_the_score_are_the_ones_that_are_right() -> None:
    assert plain in MODELS
    assert check("layer", lstm(), 0.5, 3).ok


def test_every_mistake_of_the_catalogue_changes_what_it_means_to_change() -> None:
    assert [(found.id, edit.old) for found in catalogue() for edit in found.edits if edit.old == edit.new] == []
