"""How the catalogue of mutants is made: the library's own file with one line replaced, compiled anew.

The class, or method, that results is put in the place of the right one. Where the line no longer stands in the file,
the mutant fails to build: the catalogue cannot go stale.

Read next: mutants.py.
"""

from __future__ import annotations

import ast
import functools
import importlib
import linecache
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import scratchnet
from scratchnet.cells import GRUCell, LSTMCell, RNNCell
from scratchnet.data.batches import Batch, make_batch
from scratchnet.recurrent import Recurrent
from scratchnet.seq2seq import Seq2Seq
from scratchnet.stack import Bidirectional, Stack

PACKAGE = Path(scratchnet.__file__).parent


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    number: the mistake's in the table of classic backpropagation mistakes; None for those beyond that table.
    family: "cell", "layer" or "model", which says what checks it.
    build() returns the wrong cell class, layer or model, and twin() the right one.
    """

    name: str
    number: int | None
    family: str
    build: Callable[[], Any]
    twin: Callable[[], Any]


@functools.cache
def mutated(file: str, old: str, new: str) -> ModuleType:
    """Return the module of a file of the package, compiled anew with `old`, which must stand there once, replaced."""
    text = (PACKAGE / file).read_text("utf-8")
    assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times: the catalogue needs it once"
    original = importlib.import_module("scratchnet." + file.removesuffix(".py").replace("/", "."))
    module = ModuleType(original.__name__)
    name = f"mutant of {file}: {new.strip()}"
    source = text.replace(old, new)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), vars(module))
    return module


def cell(name: str, number: int | None, host: type, old: str, new: str, file: str = "") -> Mutant:
    """Return a cell with a mistake in its own file, or in `file`, whose method the cell then overrides."""
    own = host.__module__.removeprefix("scratchnet.").replace(".", "/") + ".py"

    def build() -> Any:
        module = mutated(file or own, old, new)
        if not file:
            return getattr(module, host.__name__)
        return type(host.__name__, (host,), {_method_with(file, old): _method(module, "Cell", _method_with(file, old))})

    return Mutant(name, number, "cell", build, lambda: host)


def part(name: str, number: int | None, base: Callable[[], Any], target: str, old: str, new: str) -> Mutant:
    """Return a layer or a model in which each part of class `target`, "file.py:Class", has the mistake."""
    file, class_name = target.split(":")

    def build() -> Any:
        whole = base()
        wrong = getattr(mutated(file, old, new), class_name)
        parts = [*whole.modules(), *([whole.loss] if hasattr(whole, "loss") else [])]
        fitting = [found for found in parts if type(found).__name__ == class_name]
        assert fitting, f"{name}: there is no {class_name} in {type(whole).__name__}"
        for found in fitting:
            found.__class__ = wrong
        return whole

    return Mutant(name, number, "model" if base in MODELS else "layer", build, base)


def _method_with(file: str, old: str) -> str:
    text = (PACKAGE / file).read_text("utf-8")
    line = text[: text.index(old)].count("\n") + 1
    methods = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return next(node.name for node in methods if node.lineno <= line <= (node.end_lineno or 0))


def _method(module: ModuleType, class_name: str, name: str) -> Any:
    return vars(getattr(module, class_name))[name]


def lstm() -> Any:
    """Return one LSTM layer."""
    return Recurrent(LSTMCell(2, 3, dtype="float64"))


def reverse() -> Any:
    """Return one LSTM layer that reads right to left."""
    return Recurrent(LSTMCell(2, 3, dtype="float64"), reverse=True)


def both() -> Any:
    """Return a bidirectional layer of two cells of one size and different kinds."""
    return Bidirectional(
        Recurrent(GRUCell(2, 3, dtype="float64")), Recurrent(RNNCell(2, 3, dtype="float64"), reverse=True)
    )


def stack() -> Any:
    """Return three layers of one size with dropout between them."""
    return Stack([Recurrent(RNNCell(3, 3, dtype="float64", rng=seed)) for seed in (1, 2, 3)], 0.4)


def plain() -> Any:
    """Return an LSTM encoder-decoder over embeddings, with dropout, of pairwise distinct sizes."""
    return Seq2Seq(9, 8, embedding_size=2, hidden_size=3, dropout=0.3, dtype="float64")


def rich() -> Any:
    """Return a bidirectional GRU encoder-decoder with tied embeddings, label smoothing and the source reversed."""
    return Seq2Seq(
        9, 8, cell=GRUCell, embedding_size=3, hidden_size=3, bidirectional=True, tied_embeddings=True,
        label_smoothing=0.2, reverse_source=True, dtype="float64",
    )  # fmt: skip


def onehot() -> Any:
    """Return an LSTM encoder-decoder over one-hot vectors."""
    return Seq2Seq(9, 8, embedding_size=None, hidden_size=3, dtype="float64")


MODELS = (plain, rich, onehot)


def batch() -> Batch:
    """Return a ragged batch with repeated words whose targets are not sorted as its sources are; START is 2, END 3."""
    return make_batch([[5, 5, 7], [8, 4, 5, 6, 5], [7, 4], [6, 6, 8, 4]], [[4, 4], [], [6, 4, 7, 6], [5, 7, 5]])
