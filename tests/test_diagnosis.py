"""What a report says beyond right and wrong: the mistake, its line, coverage, the forward pass, single parts."""

import json
import re
from typing import Any

import numpy as np
import pytest
from mistaken import batch, lstm, plain, wrong

from scratchnet.cells import CELLS, Cell, GRUCell, LSTMCell, RNNCell
from scratchnet.errors import InputError
from scratchnet.gradcheck import (
    as_text,
    check_cell,
    check_clipping,
    check_layer,
    check_part,
    check_seq2seq,
)
from scratchnet.gradcheck.compare import ratio_in_words
from scratchnet.gradcheck.forward import compare_forward, equations, numbered
from scratchnet.gradcheck.line_match import changed_parts, same_rows, text_similarity
from mistakes import catalogue
from scratchnet.layers import Dropout, Embedding, Linear
from scratchnet.losses import SoftmaxCrossEntropy, SquaredError
from scratchnet.optim import clip_by_global_norm
from scratchnet.recurrent import Recurrent
from scratchnet.usercode import computes

ONE_WAY: dict[str, Any] = {"both_directions": False}


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


class Own(Cell):
    """An LSTM in another order, with names, intermediate values and an output of its own; `slip` makes it wrong."""

    state = ("out", "memory")
    gates = ("open", "keep", "new", "write")
    saved = ("k", "w", "n", "u", "squashed")
    slip = ""

    def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
        a_x += prev.out @ self.W_hh
        u, k, n, w = self.blocks(a_x)
        saved.u[...], saved.k[...], saved.n[...], saved.w[...] = sigmoid(u), sigmoid(k), np.tanh(n), sigmoid(w)
        new.memory[...] = saved.k * prev.memory + saved.w * saved.n
        saved.squashed[...] = np.tanh(new.memory)
        new.out[...] = saved.u * saved.squashed

    def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
        inner = d.out * saved.u
        total = d.memory + inner * (1 - saved.squashed**2)
        before = new.memory if self.slip == "memory" else prev.memory
        forgotten = total * before
        first = d.out * saved.squashed * saved.u * (1 - saved.u)
        second = forgotten * saved.k * (1 - saved.k)
        third = total * saved.w * (1 - saved.n**2)
        fourth = total * saved.n * saved.w * (1 - saved.w)
        da_x[...] = np.concatenate([first, second, third, fourth], axis=1)
        d.memory[...] = total * saved.k
        d.out[...] = da_x @ self.W_hh.T

    def accumulate_gradients(self, x: Any, tape: Any, dx: Any) -> None:
        self.dW_ih += x.T @ tape.da_x.rows
        self.dW_hh += tape.previous("out").T @ tape.da_x.rows
        self.db += tape.da_x.rows.sum(axis=0) / (4.0 if self.slip == "mean" else 1.0)
        dx[...] = tape.da_x.rows @ self.W_ih.T


class CurrentMemory(Own):
    slip = "memory"


class MeanOfBatch(Own):
    slip = "mean"


# --- a learner's own way to write a cell ------------------------------------------------------------------------------


def test_a_cell_with_names_and_an_order_of_its_own_is_recognised_and_right() -> None:
    report = check_cell(Own, **ONE_WAY)
    assert report.ok, str(report)
    assert report.forward is not None
    assert (report.forward.reference, report.forward.equal) == ("LSTMCell", True)


def test_its_mistake_is_named_with_its_own_line() -> None:
    said = check_cell(CurrentMemory, **ONE_WAY).diagnosis
    assert said is not None
    assert said.ids == ("lstm.f-current-c",)
    assert said.residual is not None
    assert said.residual < 1e-14
    assert said.line is not None
    assert said.line.text.startswith("forgotten = total")


def test_its_averaged_bias_is_named_and_said_in_words() -> None:
    report = check_cell(MeanOfBatch, **ONE_WAY)
    assert report.diagnosis is not None
    assert report.diagnosis.ids == ("weight gradients.b-batch-mean",)
    assert "exactly 4 times too small: divided by the number of sequences" in report.where


def test_where_nothing_fits_the_nearest_three_are_shown() -> None:
    class Odd(LSTMCell):
        def backward_step(self, d: Any, *rest: Any) -> None:
            super().backward_step(d, *rest)
            d.c[...] = d.c * 1.3 + d.h * 0.1

    said = check_cell(Odd, **ONE_WAY).diagnosis
    assert said is not None
    assert not said.found
    assert len(said.nearest) == 3
    assert "no known mistake fits, alone or in a pair" in said.as_text()


def test_a_mistake_whose_gradient_is_right_is_not_near() -> None:
    class Slightly(GRUCell):
        def backward_step(self, d: Any, prev: Any, *rest: Any) -> None:
            super().backward_step(d, prev, *rest)
            d.h[...] = d.h * (1.0 + 0.001 * prev.h)

    said = check_cell(Slightly, **ONE_WAY).diagnosis
    assert said is not None
    assert len(said.nearest) == 3
    assert "backward writes into the cache" not in said.as_text()


def test_the_search_for_pairs_ends_when_its_time_is_up_and_says_so() -> None:
    class Odd(LSTMCell):
        def backward_step(self, d: Any, *rest: Any) -> None:
            super().backward_step(d, *rest)
            d.c[...] = d.c * 1.3 + d.h * 0.1

    said = check_cell(Odd, pair_seconds=0.0, **ONE_WAY).diagnosis
    assert said is not None
    assert "nor a pair of those tried in 0 s: `scratchnet gradcheck` with your file" in said.as_text()


def test_a_cell_like_none_of_the_librarys_says_so() -> None:
    class Cube(RNNCell):
        def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
            new.h[...] = np.sin(a_x + prev.h @ self.W_hh) ** 3

    said = check_cell(Cube, **ONE_WAY).diagnosis
    assert said is not None
    assert "the forward of Cube is that of none of the library's classes" in said.as_text()


def test_a_state_bound_anew_is_told_with_the_line_that_binds_it() -> None:
    class Rebinding(Own):
        def backward_step(self, d: Any, *rest: Any) -> None:
            before = d.memory
            super().backward_step(d, *rest)
            fresh, before[...] = d.memory.copy(), d.memory * 0.0
            d.memory = fresh

    class Binding(LSTMCell):
        def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
            came = d.c.copy()
            super().backward_step(d, prev, new, saved, da_x, da_h)
            handed_on, d.c[...] = d.c.copy(), came
            d.c = handed_on

    said = check_cell(Binding, **ONE_WAY).diagnosis
    assert said is not None
    assert said.ids == ("lstm.dc-rebound",)
    assert said.line is not None
    assert said.line.text == "d.c = handed_on"
    assert any("binds d.memory" in fault for fault in check_cell(Rebinding, **ONE_WAY).faults)


def test_states_of_other_names_are_told_apart_where_one_is_handed_back_wrong() -> None:
    class Forgetful(Own):
        def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
            super().backward_step(d, prev, new, saved, da_x, da_h)
            d.memory /= saved.k

    where = check_cell(Forgetful, lengths=(4, 3, 1), **ONE_WAY).where
    assert "what backward_step passes back in d.memory (dL/dmemory_prev) is wrong; d.out is right" in where


def test_a_mistake_in_one_gates_bias_alone_is_told_with_the_gate() -> None:
    class Averaged(LSTMCell):
        def accumulate_gradients(self, x: Any, tape: Any, dx: Any) -> None:
            super().accumulate_gradients(x, tape, dx)
            own = self.block(tape.da_x.rows, "f").sum(axis=0)
            self.block(self.db, "f")[...] += own / tape.packing.batch - own

    said = check_cell(Averaged, **ONE_WAY).diagnosis
    assert said is not None
    assert said.as_text().startswith('identical to "bias averaged over the batch" in gate f alone, residual')


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("da = dc * c_prev * f", "da = dc * i * f", ["i"]),
        ("a = x * sigmoid_derivative(f)", "a = x * tanh_derivative(f)", ["tanh_derivative(f)", "tanh_derivative", "f"]),
        ("a = dh * (1.0 - z) * n", "a = dh * n", ["dh"]),
        ("a = b", "a = b\nc = d", []),
        ("a = b * 2.0", "a = b * 3.0", []),
    ],
)
def test_the_changed_part_of_a_line_is_found(old: str, new: str, parts: list[str]) -> None:
    assert changed_parts(old, new) == parts


@pytest.mark.parametrize(
    ("text", "does"),
    [("drh = drhx[:, :H]", False), ("i, f = saved.i, saved.f", False), ("d.c = dc", True), ("dW += own", True),
     ("a = b * c", True), ("dC[t] = d", True)],
)  # fmt: skip
def test_giving_a_name_computes_nothing(text: str, does: bool) -> None:
    assert computes(text) is does


def test_a_line_left_out_is_said() -> None:
    said = check_cell(wrong("lstm.dh-not-written"), **ONE_WAY).diagnosis
    assert said is not None
    assert said.remark == "no line of yours writes d.h"


def test_the_diagnosis_is_in_the_text_and_in_the_json() -> None:
    report = check_cell(wrong("lstm.dc-without-tanh"), **ONE_WAY)
    text = as_text(report)
    assert re.search(r'diagnosis: identical to "derivative of tanh\(c\) missing", residual 0', text)
    assert "equation of cells/lstm.py to derive again: (6) h = o * tanh(c)" in text
    found = json.loads(json.dumps(report.as_dict()))["diagnosis"]
    assert (found["ids"], found["equation"], found["numbers"]) == (["lstm.dc-without-tanh"], "(6)", [4])
    assert found["line"].endswith("dc = dc + dh * o")


def test_a_gradient_times_a_constant_is_told_with_the_mistake_beneath_it() -> None:
    class Tripled(LSTMCell):
        def accumulate_gradients(self, x: Any, tape: Any, dx: Any) -> None:
            super().accumulate_gradients(x, tape, dx)

    layer = Recurrent(Tripled(2, 3))

    class Loop(Recurrent):
        def backward(self, d_outputs: Any, d_final: Any, tape: Any, need_dx: bool = True) -> Any:
            final = [{name: 3.0 * array for name, array in states.items()} for states in d_final]
            return super().backward(3.0 * d_outputs, final, tape, need_dx)

    layer.__class__ = Loop
    said = check_layer(layer).diagnosis
    assert said is not None
    assert said.kind == "scaled"
    assert said.as_text().startswith("identical to the right gradient times 3, residual")


# --- constant factors in words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (11.0, "exactly 11 times too large: the number of tokens"),
        (1 / 12, "exactly 12 times too small: divided by the number of cells"),
        (11 / 12, "exactly 11/12 of what it should be: the number of tokens over that of cells"),
        (7.0, "exactly 7 times too large (analytic"),
        (-1.0, "the sign is wrong"),
        (2.9, "analytic = 2.900 x numeric"),
        (-3.0, "analytic = -3.000 x numeric"),
    ],
)
def test_a_constant_factor_is_said_in_words(ratio: float, words: str) -> None:
    assert ratio_in_words(ratio, {"tokens": 11, "cells": 12}).startswith(words)


def test_a_wrong_block_has_a_line_for_each_gate() -> None:
    text = as_text(check_cell(wrong("lstm.o-sign"), **ONE_WAY))
    assert re.search(r"^W_ih .*\n  i .*\n  f .*\n  g .*\n  o .*", text, re.M)
    assert re.search(r"gate by time", text)


# --- the forward pass -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS.values())
def test_the_librarys_cells_are_recognised_as_themselves(cell: type[Cell]) -> None:
    found = compare_forward(cell(2, 3, dtype="float64"))
    assert (found.reference, found.equal) == (cell.__name__, True)


def test_a_wrong_forward_with_the_matching_backward_is_said() -> None:
    class ReadsC(LSTMCell):
        def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
            super().forward_step(a_x, prev, new, saved)
            new.h[...] = saved.o * new.c
            saved.tanh_c[...] = new.c

        def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
            right = saved.tanh_c * 1.0
            d.c += d.h * saved.o * right**2  # takes back what the derivative of tanh would take away
            super().backward_step(d, prev, new, saved, da_x, da_h)

    report = check_cell(ReadsC, **ONE_WAY)
    assert report.ok, str(report)
    assert report.forward is not None
    assert report.forward.mistakes == ("forward: tanh forgotten in h: h = o * c",)
    assert report.forward.first == "(6) h = o * tanh(c)"
    assert "note: forward: not the values of LSTMCell" in as_text(report)


def test_an_unknown_forward_says_its_first_differing_equation() -> None:
    class Halved(LSTMCell):
        def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
            super().forward_step(a_x, prev, new, saved)
            new.c *= 0.9

    found = compare_forward(Halved(2, 3, dtype="float64"))
    assert found.first.startswith("(5) c = f * c_(t-1)")
    assert found.agree == ("i", "f", "g", "o")


def test_a_cell_that_looks_like_none_is_compared_with_none() -> None:
    class Three(Cell):
        state, gates, saved = ("h", "c", "m"), ("a",), ()

    found = compare_forward(Three(2, 3, dtype="float64"))
    assert (found.reference, found.as_text()) == (None, "")


def test_both_forms_of_the_gru_have_their_own_candidate() -> None:
    assert equations(GRUCell)["n"].startswith("(3) n = tanh(a_n + r *")
    assert equations(CELLS["gru-reset-before"])["n"].startswith("(5) n = tanh(a_n + (r *")
    assert numbered(LSTMCell)["(0)"] == "a = x_t W_ih + b + h_(t-1) W_hh"


# --- coverage ---------------------------------------------------------------------------------------------------------


def test_the_usual_input_shows_every_known_mistake_of_a_cell() -> None:
    found = check_cell(LSTMCell, **ONE_WAY).coverage
    assert found is not None
    assert found.undetected == ()
    assert found.tried > 100
    assert [item.name for item in found.missing] == ["repeated tokens"]


def test_a_single_step_hides_what_is_passed_back_and_says_so() -> None:
    found = check_cell(RNNCell, lengths=(1, 1), **ONE_WAY).coverage
    assert found is not None
    assert {"ragged lengths", "steps > 2"} <= {item.name for item in found.missing}
    assert "dW_hh overwritten at each step" in found.undetected
    assert re.search(r"not exercised: steps > 2 \(1\); could hide: mistakes in what is passed back", found.as_text())


def test_tiny_weights_are_said_not_to_bend_the_gates() -> None:
    found = check_cell(RNNCell, scale=0.01, **ONE_WAY).coverage
    assert found is not None
    assert "gates neither linear nor saturated" in [item.name for item in found.missing]


def test_the_coverage_of_a_model_knows_its_tokens() -> None:
    found = check_seq2seq(plain(), batch(), scale=0.5).coverage
    assert found is not None
    assert {item.name for item in found.items if item.exercised} >= {
        "repeated source tokens", "repeated target tokens", "ragged source lengths", "dropout",
        "targets in another order than sources",
    }  # fmt: skip
    hidden = {one.id for one in catalogue() if one.name in found.undetected}
    assert {id.split(".")[0] for id in hidden} <= {"loss", "stacked", "hand-over"}, hidden
    assert "hand-over.not-permuted" not in hidden


# --- behaviour checks -------------------------------------------------------------------------------------------------


class Clipped(LSTMCell):
    limit = 0.1

    def accumulate_gradients(self, x: Any, tape: Any, dx: Any) -> None:
        super().accumulate_gradients(x, tape, dx)
        for gradient in (self.dW_ih, self.dW_hh, self.db):
            np.clip(gradient, -self.limit, self.limit, out=gradient)


class ClippedFarAway(Clipped):
    limit = 100.0


def test_clipping_that_is_active_is_a_fault_and_named() -> None:
    report = check_cell(Clipped, **ONE_WAY)
    assert "backward clips or limits gradients at 0.1; in this check it is active in W_ih" in " ".join(report.faults)
    assert report.diagnosis is not None
    assert report.diagnosis.ids == ("clipping.in-backward",)


def test_clipping_that_is_not_active_is_a_note() -> None:
    report = check_cell(ClippedFarAway, **ONE_WAY)
    assert report.ok
    assert "backward clips or limits gradients at 100" in " ".join(report.notes)


def test_a_gradient_out_of_nothing_is_said() -> None:
    class Precedence(LSTMCell):
        def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
            super().backward_step(d, prev, new, saved, da_x, da_h)
            da_x -= 0.1

    assert "backward makes a gradient out of nothing" in " ".join(check_cell(Precedence, **ONE_WAY).faults)


def test_a_random_forward_is_told_from_one_that_leaks() -> None:
    class Random(RNNCell):
        def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
            super().forward_step(a_x, prev, new, saved)
            new.h *= np.random.default_rng().random(new.h.shape) < 0.5

    assert "forward is random" in " ".join(check_cell(Random, **ONE_WAY).faults)
    assert "something leaks" in " ".join(check_cell(wrong("lstm.state-leaks"), **ONE_WAY).faults)


def test_what_was_looked_at_is_listed_where_it_is_right() -> None:
    text = as_text(check_layer(lstm()))
    assert "behaviour checks, all right: a second backward adds the same again, backward is linear" in text


# --- parts alone ------------------------------------------------------------------------------------------------------

PARTS = [Linear(3, 4), Embedding(6, 3), Dropout(0.4), SoftmaxCrossEntropy(), SoftmaxCrossEntropy(0.2), SquaredError()]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_a_right_part_is_right_alone(part: Any, scale: float) -> None:
    report = check_part(part, scale=scale)
    assert report.ok, str(report)


def test_a_loss_of_ones_own_is_told_by_its_arguments() -> None:
    class Mine:
        def forward(self, logits: Any, targets: Any, tape: Any) -> Any:
            e = np.exp(logits - logits.real.max(axis=1, keepdims=True))
            tape.p, tape.y = e / e.sum(axis=1, keepdims=True), targets
            return -np.log(tape.p[np.arange(len(targets)), targets]).mean()

        def backward(self, tape: Any) -> Any:
            d = tape.p.copy()
            d[np.arange(len(tape.y)), tape.y] -= 1
            return d

    report = check_part(Mine())
    assert [(block.name, block.remark) for block in report.blocks] == [
        ("x", "exactly 5 times too large: the number of rows (analytic = 5.000 x numeric)")
    ]


def test_what_is_no_part_is_refused() -> None:
    with pytest.raises(InputError, match="object is no part that can be checked alone: wanted forward"):
        check_part(object())


def test_the_librarys_clipping_is_right_and_a_wrong_one_is_named() -> None:
    assert check_clipping(clip_by_global_norm).ok

    def each_alone(gradients: Any, max_norm: float) -> Any:
        norms = {name: np.sqrt((g**2).sum()) for name, g in gradients.items()}
        for name, g in gradients.items():
            g *= min(1.0, max_norm / norms[name])
        return np.sqrt(sum(norm**2 for norm in norms.values()))

    said = check_clipping(each_alone).diagnosis
    assert said is not None
    assert said.ids == ("clipping.each-alone",)


# --- how lines are found ----------------------------------------------------------------------------------------------


def test_rows_are_found_whole_turned_and_one_at_a_time(rng: np.random.Generator) -> None:
    table = rng.normal(size=(3, 4))
    assert same_rows(table, [table])
    assert same_rows(table.T, [table])
    assert same_rows(table[1:2], [table])
    assert same_rows(table[2][:, None], [table])
    assert not same_rows(table + 1e-6, [table])


@pytest.mark.parametrize("row", range(3))
def test_a_row_with_a_nan_stands_in_no_table(rng: np.random.Generator, row: int) -> None:
    table = rng.normal(size=(3, 4))
    table[row, 1] = np.nan
    assert not same_rows(table, [table])


def test_the_text_of_a_line_is_compared_by_its_words() -> None:
    assert text_similarity("dc_prev = dc", "dc_prev = dc  # (5)") == 1.0
    assert text_similarity("x = 1", "dc_prev = dc * f") < 0.5
