"""The check of anything that owns parameters, and of whole encoder-decoders, right and wrong."""

import re
from typing import Any

import numpy as np
import pytest
from helpers import make_model
from mistaken import batch, wrong

from scratchnet.cells import GRUCell, RNNCell
from scratchnet.errors import InputError
from scratchnet.gradcheck import check_gradients, check_seq2seq
from scratchnet.layers import Linear
from scratchnet.losses import SquaredError
from scratchnet.tape import Tape


def squared_error(model: Any, x: Any, targets: Any, tape: Any, loss_tape: Any) -> Any:
    return SquaredError().forward(model.forward(x, tape), targets, loss_tape)


@pytest.mark.parametrize("directions", [0, 2])
def test_the_gradient_of_anything_with_parameters_can_be_checked(directions: int, rng: np.random.Generator) -> None:
    model, tape, loss_tape = Linear(3, 2, dtype="float64"), Tape(), Tape()
    x, targets = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    squared_error(model, x, targets, tape, loss_tape)
    model.backward(SquaredError().backward(loss_tape), tape)

    def loss(copy: Any) -> Any:
        return squared_error(copy, x, targets, Tape(), Tape())

    assert check_gradients(loss, model, model.gradients(), directions=directions).ok
    model.db += 0.001
    report = check_gradients(loss, model, model.gradients(), directions=directions)
    assert [block.name for block in report.blocks if not block.ok] == ["b"]


def test_gradients_under_other_names_than_the_parameters_are_refused() -> None:
    with pytest.raises(InputError, match="same names: b"):
        check_gradients(lambda model: model.W.sum(), Linear(3, 2), {"W": np.ones((3, 2))})


@pytest.mark.parametrize("directions", [0, 3])
def test_a_whole_model_with_dropout_is_right(directions: int) -> None:
    sizes = {"embedding_size": 2, "hidden_size": 2, "layers": 2}
    model = make_model(9, 8, cell=RNNCell, dropout=0.3, bidirectional=True, **sizes)
    report = check_seq2seq(model, batch(), scale=0.5, directions=directions)
    assert report.ok, str(report)
    assert report.digits >= 12


def test_a_whole_model_at_a_real_size_is_right_along_random_directions() -> None:
    report = check_seq2seq(make_model(9, 8, embedding_size=64, hidden_size=64, cell=GRUCell), batch(), directions=2)
    assert report.ok, str(report)
    assert report.digits >= 11


def test_the_model_that_is_checked_stays_as_it_was() -> None:
    model = make_model(9, 8, embedding_size=2, hidden_size=3)
    before = {name: array.copy() for name, array in model.parameters().items()}
    check_seq2seq(model, batch(), scale=0.5)
    assert {array.dtype.name for array in model.parameters().values()} == {"float32"}
    assert all((array == before[name]).all() for name, array in model.parameters().items())
    assert not any(gradient.any() for gradient in model.gradients().values())


@pytest.mark.parametrize(
    ("name", "where"),
    [
        (
            "loss.not-divided",
            "Every gradient is wrong by one factor: exactly 13 times too large: the number of target tokens",
        ),
        (
            "loss.divided-padded",
            "exactly 13/20 of what it should be: the number of target tokens over that of target tokens with padding",
        ),
        ("hand-over.encoder-detached", r"encoder\.layers\.layer0\.b \(exactly 0, and should not be\)"),
        ("embedding.repeats-overwrite", "First wrong gradient.*: decoder.embedding.W. Nearer to the loss"),
        ("linear.tied-one-side", "Right although further back: bridge.layer0.h, .*encoder.embedding"),
    ],
)
def test_the_first_wrong_part_of_a_model_is_said(name: str, where: str) -> None:
    found = check_seq2seq(wrong(name), batch(), scale=0.5).where
    assert re.search(where, found), found


def test_a_model_that_stops_is_reported_with_the_line() -> None:
    model = make_model(9, 8, embedding_size=2, hidden_size=3, cell=Misspelt)
    report = check_seq2seq(model, batch())
    assert not report.ok
    assert "test_gradcheck_models.py:" in report.faults[0]
    assert "prev.hh" in report.faults[0]


class Misspelt(RNNCell):
    """A cell with a name that does not exist."""

    def forward_step(self, a_x: Any, prev: Any, new: Any, saved: Any) -> None:
        new.h[...] = np.tanh(a_x + prev.hh @ self.W_hh)
