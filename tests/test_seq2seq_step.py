"""One training step after another: dropout, and what a step must not leave behind for the next."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from helpers import OPTIONS, SENTENCES, TRANSLATIONS, dropping, gradients_of, model_of, tiny_batch

from scratchnet.data import make_batch

all_options = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())


def arrays_of(part: Any, path: str = "tape") -> Iterator[tuple[str, Any]]:
    """Yield every array that a tape holds, by its path."""
    if isinstance(part, np.ndarray):
        yield path, part
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from arrays_of(value, f"{path}.{name}")
    elif isinstance(part, (list, tuple)):
        for k, value in enumerate(part):
            yield from arrays_of(value, f"{path}.{k}")
    elif hasattr(part, "__dict__"):
        yield from arrays_of({k: v for k, v in vars(part).items() if k not in ("packing", "backend", "batch")}, path)


def test_without_a_generator_nothing_is_random() -> None:
    model, plain = model_of(dropout=0.5, layers=2), model_of(layers=2)
    batch = tiny_batch()
    assert model.forward(batch, model.new_tape()) == plain.forward(batch, plain.new_tape())


def test_dropout_acts_on_both_embeddings_between_layers_and_before_the_output() -> None:
    model = model_of(dropout=0.5, layers=2)
    tape = model.new_tape()
    model.forward(tiny_batch(), tape, dropping())
    dropped = [tape.encoder.dropout, tape.decoder.dropout, tape.decoder.output_dropout]
    masks = [part.mask for part in (*dropped, tape.encoder.layers.dropout1, tape.decoder.layers.dropout1)]
    assert [mask.shape for mask in masks] == [(14, 2), (13, 2), (13, 3), (14, 3), (13, 3)]
    assert all(set(np.unique(mask)) == {0.0, 2.0} for mask in masks)


def test_the_same_generator_gives_the_same_loss_and_another_does_not() -> None:
    model, batch = model_of(dropout=0.5), tiny_batch()
    losses = [float(model.forward(batch, model.new_tape(), np.random.default_rng(seed))) for seed in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]


@all_options
def test_two_equal_calls_give_equal_losses_on_one_tape(options: dict[str, Any]) -> None:
    model, batch = model_of(**options), tiny_batch(options.get("source_features"))
    tape = model.new_tape()
    losses = []
    for _ in range(3):
        losses.append(float(model.forward(batch, tape, dropping())))
        model.backward(tape)
    assert losses[0] == losses[1] == losses[2]


@all_options
def test_a_second_backward_adds_exactly_the_same_again(options: dict[str, Any]) -> None:
    model, batch = model_of(**options), tiny_batch(options.get("source_features"))
    tape = model.new_tape()
    once = gradients_of(model, batch, tape)
    kept = {path: array.copy() for path, array in arrays_of(tape) if "da_" not in path}
    model.backward(tape)
    for name, gradient in model.gradients().items():
        if options.get("tied_embeddings"):  # (a + b) + a + b is not rounded as 2 (a + b) is
            np.testing.assert_allclose(gradient, 2 * once[name], rtol=1e-13, atol=1e-16)
        else:
            assert (gradient == once[name] + once[name]).all(), name
    assert len(kept) > 10
    for path, array in arrays_of(tape):
        assert "da_" in path or (array == kept[path]).all(), path


@all_options
def test_nothing_that_an_older_batch_left_is_read(options: dict[str, Any]) -> None:
    if "source_features" in options:
        options = {"layers": 3}
    model = model_of("gru", **options)
    tape = model.new_tape()
    for chosen in (slice(None), slice(1), slice(1, 3), slice(None)):
        batch = make_batch(SENTENCES[chosen], TRANSLATIONS[chosen])
        wanted = gradients_of(model, batch)
        for name, gradient in gradients_of(model, batch, tape).items():
            assert np.isfinite(gradient).all(), name
            assert (gradient == wanted[name]).all(), name
        for part in (tape.encoder.layers, tape.decoder.layers):
            for path, buffer in arrays_of(part):
                if "_buffers" in path:
                    buffer[...] = np.nan


@all_options
def test_a_step_in_float32_is_in_float32_everywhere(options: dict[str, Any]) -> None:
    model, batch = model_of("gru", "float32", **options), tiny_batch(options.get("source_features"), "float32")
    tape = model.new_tape()
    assert gradients_of(model, batch, tape).keys() == model.parameters().keys()
    arrays = dict(arrays_of(tape)) | model.parameters() | model.gradients()
    wide = [path for path, array in arrays.items() if array.dtype.kind == "f" and array.dtype != np.float32]
    assert wide == []
