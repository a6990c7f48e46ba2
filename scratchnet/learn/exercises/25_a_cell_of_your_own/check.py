import numpy as np

from scratchnet.cells import CELLS
from scratchnet.data import make_batch
from scratchnet.errors import InputError
from scratchnet.gradcheck import check_contract
from scratchnet.optim import Adam, clip_by_global_norm
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent
from scratchnet.translation import ModelConfig

SIZES, STEPS, FIRST_WORD, WORDS = (2, 4), 60, 4, 4


def outputs_of(cell_class, weights=None):
    """Return (outputs, weights by name) of a cell over a small batch, with the weights given or random ones."""
    cell, rng, packing = cell_class(*SIZES, rng=0, dtype="float64"), np.random.default_rng(1), Packing([4, 2])
    for name, array in cell.parameters().items():
        array[...] = rng.normal(0.0, 0.7, array.shape) if weights is None else weights[name]
    outputs, _ = Recurrent(cell).forward(rng.standard_normal((packing.rows, SIZES[0])), packing)
    return outputs, {name: array.copy() for name, array in cell.parameters().items()}


def known_as(cell_class):
    """Return the name of the library's cell that gives the same outputs for the same weights, or ""."""
    for name, known in CELLS.items():
        wanted, weights = outputs_of(known)
        own = cell_class(*SIZES, rng=0, dtype="float64").parameters()
        if {key: array.shape for key, array in own.items()} != {key: array.shape for key, array in weights.items()}:
            continue
        if np.allclose(outputs_of(cell_class)[0], wanted):
            return name
    return ""


def recall(cell_class):
    """Return the losses, in nats a word, of learning to write down the first word of a sentence."""
    rng = np.random.default_rng(0)
    words = FIRST_WORD + WORDS
    model = ModelConfig(embedding_size=8, hidden_size=16).build(words, words, cell=cell_class, rng=0)
    optimizer, tape, losses = Adam(model.parameters(), model.gradients(), 0.02), model.new_tape(), []
    for _ in range(STEPS):
        sources = [list(rng.integers(FIRST_WORD, FIRST_WORD + WORDS, length)) for length in rng.integers(1, 5, 32)]
        losses.append(float(model.forward(make_batch(sources, [source[:1] for source in sources]), tape)))
        model.zero_gradients()
        model.backward(tape)
        clip_by_global_norm(model.gradients(), 1.0)
        optimizer.step()
    return losses


def check(judge):
    cell_class = judge.code.cell("MyCell")
    judge.not_empty("MyCell")
    try:
        check_contract(cell_class)
    except InputError as error:
        judge.wrong(str(error), equation="the contract of a cell: docs/adding_a_cell.md, section 2")
    judge.cell(cell_class)
    name = known_as(cell_class)
    judge.true(
        not name, "it is a cell that the library does not have",
        f"this is the library's {name}: right, and not yet your own",
        looks_like=f"the same outputs as {name} for the same weights; change an equation, then its backward",
    )  # fmt: skip
    losses = recall(cell_class)
    before, after = np.mean(losses[:5]), np.mean(losses[-5:])
    change = f"its loss goes from {before:.2f} to {after:.2f} nats a word in {STEPS} steps of recalling a first word"
    judge.true(
        after < 0.75 * before, f"it learns: {change}",
        f"its gradient is right, but it hardly learns: {change}",
        looks_like="a state that nothing of the input reaches, or that forgets at once: does a gate start closed? "
        "A bias of 1 on it (in build, as in scratchnet/cells/lstm.py) opens it",
        line=("forward_step", "h"),
    )  # fmt: skip
    judge.right(
        f"now teach it Hindi: scratchnet train en-hi --cell {judge.code.path.name}:MyCell --out runs/mine "
        "--epochs 3 --hidden 64 --embedding 64"
    )
