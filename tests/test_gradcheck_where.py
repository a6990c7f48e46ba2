"""Where a wrong cell is said to be wrong, and what else can be wrong with it."""

import re
from typing import Any

import numpy as np
import pytest
from mistaken import wrong

from scratchnet.cells import GRUCell, LSTMCell, RNNCell
from scratchnet.gradcheck import Report, check_cell, check_layer
from mistakes import Edit, mutant_of

SMALL: dict[str, Any] = {"lengths": (3, 2, 1), "hidden_size": 3, "both_directions": False}

# --- where ------------------------------------------------------------------------------------------------------------

PLACES = {
    "lstm.f-derivative-missing": "gate f at t = 4, the last step (gates i, g and o are right there).*compute da_f",
    "lstm.dc-without-tanh": "gates i, f and g at t = 4.*or dc, which goes into all of them",
    "lstm.dc-without-f": r"gates i, f and g at t = 3;.*d\.c (dL/dc_prev) is wrong; d\.h is right",
    "lstm.dh-added-to-old": r"every gate at t = 3; .*d\.h (dL/dh_prev) is wrong; d\.c is right",
    "lstm.order-fg": "da_f is what da_g should be and da_g is what da_f should be",
    "lstm.o-sign": "gate o at t = 4.*the sign is wrong",
    "weight gradients.W_hh-current-h": "The map is clean.*accumulate_gradients adds to dW_hh",
    "weight gradients.b-averaged": "The map is clean.*adds to db is wrong: exactly 12 times too small: divided",
    "weight gradients.dx-missing": "The map is clean.*dL/dx is wrong",
    "gru.dh-from-da_x": r"d\.h (dL/dh_prev) is wrong",
}


def report_of(name: str) -> Report:
    return check_cell(wrong(name), both_directions=False, hidden_size=3)


@pytest.mark.parametrize("name", PLACES)
def test_the_first_wrong_place_is_said(name: str) -> None:
    pattern = PLACES[name].replace("(", r"\(").replace(")", r"\)")
    where = report_of(name).where
    assert re.search(pattern, where), where


def test_the_lines_of_code_that_are_meant_are_quoted() -> None:
    lines = report_of("lstm.dc-without-tanh").lines
    assert re.search(r":\d+: dc = dc \+ dh \* o$", lines[0]), lines
    assert [line.split(": ")[-1].split(" ")[0] for line in lines[:4]] == ["dc", "da_i", "da_f", "da_g"]


def test_the_line_that_hands_a_wrong_array_to_the_maths_is_quoted() -> None:
    given = Edit("cells/lstm.py", "saved.tanh_c, prev.c)\n", "saved.tanh_c, new.c)\n")
    report = check_cell(mutant_of((given,)).class_for(LSTMCell), both_directions=False)
    assert any("inputs = (" in line and "new.c)" in line for line in report.lines), report.lines
    assert report.diagnosis is not None
    assert report.diagnosis.ids == ("lstm.f-current-c",)
    assert "new.c)" in str(report.diagnosis.line)


def test_lines_of_another_cell_in_the_same_file_are_not_quoted() -> None:
    lines = report_of("gru.z-sign").lines
    assert lines
    assert not any("candidate_backward" in line for line in lines)


def test_a_return_line_is_quoted_where_blocks_have_changed_places() -> None:
    assert "return da_i, da_g, da_f, da_o" in report_of("lstm.order-fg").lines[0]


def test_one_array_for_two_gradients_is_suspected_where_the_recurrent_weights_are_right() -> None:
    class OneArray(GRUCell):
        separate_da_h = False

    assert "da_x and da_h are one array, unless the class says separate_da_h = True" in check_cell(OneArray).where


def test_a_gradient_that_enters_short_sequences_wrongly_is_told_from_one_that_is_wrong_everywhere() -> None:
    layer = wrong("recurrent loop.final-last-step-only")
    where = check_layer(layer, lengths=(4, 2, 2, 1)).where
    assert "every gate at t = 1, only in sequences that end there" in where
    assert "sequences 1 and 2, of lengths 2 and 2" in where


def test_a_window_of_truncation_is_told_by_its_step() -> None:
    where = check_layer(wrong("recurrent loop.truncated-1"), lengths=(5, 4, 3, 1)).where
    assert "whatever the length of the sequence: look for what is special at t = 1" in where


def test_a_cell_that_is_wrong_only_from_right_to_left_is_wrong() -> None:
    assert check_layer(wrong("bidirectional.dx-not-mirrored"), directions=3).ok is False
    assert [block.name for block in check_layer(wrong("bidirectional.dx-not-mirrored")).blocks if not block.ok] == ["x"]


# --- what else can be wrong -------------------------------------------------------------------------------------------


class Unwritten(LSTMCell):
    """Leaves the output gate's gradient unwritten at the first step."""

    def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
        before = self.block(da_x, "o").copy()
        super().backward_step(d, prev, new, saved, da_x, da_h)
        if len(da_x) == 3:
            self.block(da_x, "o")[...] = before


class Unsaved(RNNCell):
    """Reads in backward what forward has not saved."""

    saved = ("y",)

    def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
        da_x[...] = d.h * (1 - saved.y**2)
        d.h[...] = da_x @ self.W_hh.T


class BoundInForward(RNNCell):
    """Binds new.h to another array."""

    def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
        new.h = np.tanh(a_x + prev.h @ self.W_hh)


class UnwrittenState(RNNCell):
    """Declares a second state and leaves it as it was."""

    state = ("h", "c")

    def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
        new.h[...] = np.tanh(a_x + prev.h @ self.W_hh)


class AddedTo(RNNCell):
    """Adds to the buffer of its gates' gradient before it has written it."""

    def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
        da_x += d.h * (1 - new.h**2)
        d.h[...] = da_x @ self.W_hh.T


class AddsInTheLoop(RNNCell):
    """Has a factor of its own for the state before, whose gradient is added in the loop, twice too large."""

    def build(self, rng: Any) -> None:
        super().build(rng)
        self.add_parameter("v", np.ones(self.hidden_size))

    def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
        new.h[...] = np.tanh(a_x + self.v * prev.h + prev.h @ self.W_hh)

    def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
        da_x[...] = d.h * (1 - new.h**2)
        self.dv += 2 * (da_x * prev.h).sum(axis=0)
        d.h[...] = da_x * self.v + da_x @ self.W_hh.T


class Shapes(RNNCell):
    """Has a product whose shapes do not fit."""

    def backward_step(self, d: Any, prev: Any, new: Any, saved: Any, da_x: Any, da_h: Any) -> None:
        da_x[...] = d.h * (1 - new.h**2)
        d.h[...] = da_x @ self.W_ih.T


class GradientOfAnotherShape(RNNCell):
    """Puts a number in the place of the bias's gradient."""

    def accumulate_gradients(self, x: Any, tape: Any, dx: Any) -> None:
        super().accumulate_gradients(x, tape, dx)
        self.db = tape.da_x.rows.sum()


class Wide(RNNCell):
    """Computes in float64 whatever it was given."""

    def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
        a_x += prev.h @ self.W_hh + np.zeros(a_x.shape)
        new.h[...] = np.tanh(a_x)


class Idle(RNNCell):
    """Has a parameter that forward does not use."""

    def build(self, rng: Any) -> None:
        super().build(rng)
        self.add_parameter("idle", np.ones(3))


class Unbuildable(RNNCell):
    """Takes no seed."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)


FAULTS = {
    Unwritten: ["da_x not a number for gate o at t = 0"],
    Unsaved: ["da_x not a number for gate a at t = 2", "saved.y is not a number after forward_step at every step"],
    BoundInForward: ["new.h is not a number after forward_step at every step", "binds new.h to another array: write"],
    UnwrittenState: ["new.c is not a number after .*: it is not written; write all of it, .* take it out of `state`"],
    AddedTo: ["da_x not a number for gate a.*and do not read it before"],
    Shapes: [r"backward stops: .*where\.py:\d+, in backward_step: ValueError.*`d\.h\[", r"self\.W_ih \(2, 3\)"],
    GradientOfAnotherShape: [r"after backward, db has shape \(\), wanted \(3,\)"],
    Unbuildable: [r"cannot be built: .*unexpected keyword argument 'rng'", r"wanted Unbuildable\(input_size, hidden_"],
}


@pytest.mark.parametrize("cell", FAULTS, ids=lambda cell: cell.__name__)
def test_a_fault_is_told_in_one_line(cell: type) -> None:
    report = check_cell(cell, **SMALL)
    assert not report.ok
    text = "\n".join(report.faults)
    for wanted in FAULTS[cell]:
        assert re.search(wanted, text), text


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("weight gradients.W_hh-overwritten-call", "a second backward leaves dW_hh as it was: gradients must be added"),
        ("lstm.writes-cache", r"changes what it must only read: saved\.f .*read-only: `saved\.f \*= 0"),
        ("lstm.state-leaks", "two identical forward calls give different results"),
        ("lstm.own-old-result", "a second backward does not add the same again to W_ih, W_hh, b, x"),
        ("lstm.dh-rebound", r"backward_step binds d\.h to another array: write into it, d\.h\[\.\.\.\] ="),
    ],
)
def test_what_a_gradient_alone_does_not_show_is_a_fault(name: str, fault: str) -> None:
    text = " ".join(report_of(name).faults)
    assert re.search(fault, text, re.DOTALL), text


def test_a_gradient_that_is_added_in_the_loop_is_said_to_be_added_there() -> None:
    report = check_cell(AddsInTheLoop, **SMALL)
    assert "What backward_step adds to dv is wrong: exactly 2 times too large" in report.where


def test_a_state_that_is_not_written_is_not_called_a_leak() -> None:
    assert "leak" not in " ".join(check_cell(UnwrittenState, **SMALL).faults)


def test_a_parameter_without_any_effect_is_wrong_although_both_gradients_agree() -> None:
    report = check_cell(Idle, **SMALL)
    assert not report.ok
    assert "idle has no effect on the loss at all: does forward_step use it?" in report.where


def test_a_line_that_leaves_float32_is_noted_and_not_a_fault() -> None:
    report = check_cell(Wide, **SMALL)
    assert report.ok
    assert re.search(r"float32 becomes float64 here: `a_x \+= ", report.notes[0])


def test_a_right_cell_has_neither_faults_nor_notes() -> None:
    report = check_cell(GRUCell, **SMALL)
    assert (report.faults, report.notes) == ((), ())
