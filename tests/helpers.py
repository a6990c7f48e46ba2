"""What the tests of the core share: tiny ragged data, layers of every kind, and a complex-step gradient check.

The check is independent of scratchnet's own, on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from scratchnet.backend import Backend
from scratchnet.cells import CELLS, GRUCell, GRUResetBeforeCell, LSTMCell, RNNCell
from scratchnet.data import Batch, make_batch
from scratchnet.optim import Adam, clip_by_global_norm
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent
from scratchnet.seq2seq import Seq2Seq
from scratchnet.stack import Bidirectional, Stack
from scratchnet.translation import ModelConfig

Host = np.ndarray[Any, Any]
States = list[dict[str, Host]]

STEP = 1e-30  # a complex step has no difference of near-equal numbers in it, so it can be as small as it likes
LENGTHS = (5, 3, 3, 1)
CELL_NAMES = sorted(CELLS)


# --- gradients ------------------------------------------------------------------------------------------------------


def sample(cases: Iterable[Any], every: int) -> list[Any]:
    """Return cases to parametrize with: one in `every` always runs, the others are slow, which .ci/run starts."""
    each = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [pytest.param(*case, marks=[pytest.mark.slow] if k % every else []) for k, case in enumerate(each)]


def complex_step(loss: Callable[[], Any], array: Host) -> Host:
    """Return dL/d(array), entry by entry: `loss` reads the complex `array`, which is changed and put back."""
    gradient = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        entry = array[index]
        array[index] = entry + 1j * STEP
        gradient[index] = loss().imag / STEP
        array[index] = entry
    return gradient


def assert_gradients_match(
    loss: Callable[[], Any], arrays: dict[str, Host], gradients: dict[str, Host], tolerance: float = 1e-12
) -> None:
    """Hold each hand-written gradient to the complex step: the norm of the error, block by block.

    `loss` must read the complex `arrays`. A block whose true gradient is zero fails, too: it shows nothing.
    """
    assert arrays.keys() == gradients.keys()
    assert arrays
    for name, array in arrays.items():
        numeric, analytic = complex_step(loss, array), gradients[name]
        assert analytic.shape == numeric.shape, name
        assert np.linalg.norm(numeric) > 1e-8, f"{name}: the true gradient is zero, so this check shows nothing"
        error = np.linalg.norm(analytic - numeric) / np.linalg.norm(numeric)
        assert error < tolerance, f"{name}: analytic and numeric gradient differ by {error:.2e}"


def assert_layer_gradients_match(
    layer: Any, rng: np.random.Generator, lengths: Iterable[int] = LENGTHS, tolerance: float = 1e-12
) -> None:
    """Check a recurrent layer, bidirectional layer or stack whole: parameters, input and initial states.

    Weights and states are normal with deviation 0.5; the loss weighs all outputs and all final states at random.
    Dropout, where the layer has some, draws the same masks each time.
    """
    randomise(layer, rng)
    run = LayerRun(layer, rng, lengths)
    run.forward()
    dx, d_initial = run.backward()
    gradients = {name: array.copy() for name, array in layer.gradients().items()}
    gradients |= {"x": dx, **flat(d_initial)}

    imaginary = LayerRun(layer.to(dtype="complex128"), rng, lengths)
    imaginary.packing, imaginary.d_outputs, imaginary.d_final = run.packing, run.d_outputs, run.d_final
    imaginary.x = run.x.astype(complex)
    imaginary.initial = [{name: array.astype(complex) for name, array in state.items()} for state in run.initial]
    arrays = {**imaginary.layer.parameters(), "x": imaginary.x, **flat(imaginary.initial)}
    assert_gradients_match(imaginary.loss, arrays, gradients, tolerance)


class LayerRun:
    """A layer with random input, initial states and upstream gradients, ready to run as often as wanted."""

    def __init__(self, layer: Any, rng: np.random.Generator, lengths: Iterable[int] = LENGTHS) -> None:
        self.layer, self.packing, self.tape = layer, Packing(list(lengths)), layer.new_tape()
        self.x = normal(rng, (self.packing.rows, layer.input_size), layer.dtype)
        self.initial = random_states(layer.cells, self.packing.batch, rng)
        self.d_outputs = normal(rng, (self.packing.rows, layer.output_size), layer.dtype)
        self.d_final = random_states(layer.cells, self.packing.batch, rng)

    def forward(self) -> Any:
        """Return the outputs and the final states."""
        return self.layer.forward(self.x, self.packing, self.initial, self.tape, np.random.default_rng(7))

    def backward(self) -> Any:
        """Return dL/d(input) and dL/d(initial states)."""
        return self.layer.backward(self.d_outputs, self.d_final, self.tape)

    def loss(self) -> Any:
        """Return the number of which `d_outputs` and `d_final` are the gradients."""
        outputs, final = self.forward()
        weighed = zip(flat(final).values(), flat(self.d_final).values(), strict=True)
        return (outputs * self.d_outputs).sum() + sum((state * weight).sum() for state, weight in weighed)


def flat(states: States) -> dict[str, Host]:
    """Return states by the number of their cell and their name."""
    return {f"{k}.{name}": array for k, state in enumerate(states) for name, array in state.items()}


# --- layers -----------------------------------------------------------------------------------------------------------


def one(cell: Any = LSTMCell, sizes: tuple[int, int] = (2, 3), reverse: bool = False, **place: Any) -> Recurrent:
    """Return a layer of one cell in one direction."""
    return Recurrent(cell(*sizes, rng=7 * sizes[0] + sizes[1] + reverse, **place), reverse=reverse)


def both(cell: Any = LSTMCell, sizes: tuple[int, int] = (2, 3), **place: Any) -> Bidirectional:
    """Return a layer of two cells, one in each direction."""
    return Bidirectional(one(cell, sizes, **place), one(cell, sizes, reverse=True, **place))


LAYERS: dict[str, Callable[..., Any]] = {
    "recurrent": one,
    "reverse": lambda **place: one(GRUCell, reverse=True, **place),
    "bidirectional": both,
    "bidirectional of two sizes": lambda **place: Bidirectional(
        one(GRUCell, (2, 3), **place), one(LSTMCell, (2, 4), True, **place)
    ),
    "stack with dropout": lambda **place: Stack(
        [one(LSTMCell, (2, 3), **place), one(GRUCell, (3, 4), **place), one(RNNCell, (4, 2), **place)], 0.4
    ),
    "bidirectional stack with dropout": lambda **place: Stack(
        [both(GRUResetBeforeCell, (2, 3), **place), both(LSTMCell, (6, 4), **place)], 0.4
    ),
}


# --- random data ----------------------------------------------------------------------------------------------------


def normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any = "float64") -> Host:
    """Return normal numbers of deviation 0.5: far from both the origin, where all is linear, and saturation."""
    return rng.normal(0.0, 0.5, shape).astype(dtype)


def randomise(model: Any, rng: np.random.Generator) -> None:
    """Fill every parameter, biases included, with normal numbers of deviation 0.5."""
    for array in model.parameters().values():
        array[...] = normal(rng, array.shape)


def random_states(cells: Iterable[Any], batch: int, rng: np.random.Generator) -> States:
    """Return random states for cells in their own dtype."""
    return [{name: normal(rng, (batch, cell.hidden_size), cell.dtype) for name in cell.state} for cell in cells]


SENTENCES = [[4, 5, 4], [8, 4, 6, 6, 7], [5, 5], [7, 6, 8, 4]]
TRANSLATIONS = [[4, 4, 5], [], [5, 4], [6, 4, 6, 5]]


def tiny_batch(features: int | None = None, dtype: str = "float64") -> Batch:
    """Return four ragged pairs, ids below 9 and 7, tokens repeated, one target empty; or feature vectors as sources."""
    if features is None:
        return make_batch(SENTENCES, TRANSLATIONS)
    rng = np.random.default_rng(5)
    return make_batch([normal(rng, (len(sentence), features), dtype) for sentence in SENTENCES], TRANSLATIONS)


# --- whole models -----------------------------------------------------------------------------------------------------


OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "two layers": {"layers": 2},
    "bidirectional": {"bidirectional": True},
    "two layers, bidirectional": {"layers": 2, "bidirectional": True},
    "reversed": {"reverse_source": True},
    "one-hot": {"embedding_size": None},
    "tied": {"embedding_size": 3, "tied_embeddings": True},
    "dropout": {"layers": 2, "dropout": 0.3},
    "smoothing": {"label_smoothing": 0.2},
    "features": {"source_features": 2},
}


def make_model(source: int | None, target: int, **options: Any) -> Seq2Seq:
    """Return a model of ModelConfig's options; what is none of them goes to its `build` (cell is a class there)."""
    known = {declared.name for declared in fields(ModelConfig)} - {"cell"}
    config = ModelConfig(**{name: value for name, value in options.items() if name in known})
    return config.build(source, target, **{name: value for name, value in options.items() if name not in known})


def model_of(cell: str = "lstm", dtype: str = "float64", **options: Any) -> Seq2Seq:
    """Return a model of 3 units for the tiny batch, all its parameters random."""
    source = None if "source_features" in options else 9
    every = options.pop("recompute_every", 0)
    sizes = {"embedding_size": 2, "hidden_size": 3} | options
    model = make_model(source, 7, cell=CELLS[cell], dtype=dtype, **sizes)
    randomise(model, np.random.default_rng(2))
    model.set_recompute(every)
    return model


def dropping() -> np.random.Generator:
    """Return the generator of a training step, always the same."""
    return np.random.default_rng(3)


def gradients_of(model: Seq2Seq, batch: Any, tape: Any = None) -> dict[str, Any]:
    """Return copies of all gradients of one training step."""
    tape = model.new_tape() if tape is None else tape
    model.zero_gradients()
    model.forward(batch, tape, dropping())
    model.backward(tape)
    return {name: array.copy() for name, array in model.gradients().items()}


def train_once(model: Any, batch: Any, tape: Any, optimizer: Any) -> tuple[Any, Any]:
    """Train once; return the loss and the gradients' norm as the library returns them."""
    loss = model.forward(batch, tape, dropping())
    model.backward(tape)
    norm = clip_by_global_norm(model.gradients(), 0.5)
    optimizer.step()
    model.zero_gradients()
    return loss, norm


def train(backend: Backend, cell: str, options: dict[str, Any], optimizer: Any = Adam, steps: int = 3) -> Any:
    """Train a tiny model on `backend`; return the losses, norms, parameters and optimizer state as NumPy's arrays."""
    model = model_of(cell, "float32", **options).to(backend)
    batch = tiny_batch(options.get("source_features"), "float32").to(backend)
    tape, rates = model.new_tape(), optimizer(model.parameters(), model.gradients(), 0.1)
    found: dict[str, Any] = {}
    for k in range(steps):
        found[f"loss {k}"], found[f"norm {k}"] = train_once(model, batch, tape, rates)
    found |= model.parameters() | rates.state_arrays()
    if backend.name != "numpy":  # NumPy's own sums of everything are numbers, not arrays
        assert all(isinstance(array, backend.xp.ndarray) for array in found.values())
    return {name: backend.to_numpy(array) for name, array in found.items()}
