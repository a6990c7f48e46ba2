"""Checkpoints: whole or not there, and damage is noticed before anything is built from it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save
from tiny import tiny_translator, weights

from scratchnet.cells import GRUCell
from scratchnet.errors import InputError
from scratchnet.translation import documents
from scratchnet.translation.checkpoint import (
    CheckpointError,
    find_checkpoint,
    load_translator,
    read_training,
    save_translator,
)

FILES = ["model.json", "training.json", "training.safetensors", "weights.safetensors"]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return a checkpoint with all four files."""
    arrays = {"m.b": np.arange(3.0)}
    save_translator(tiny_translator(), tmp_path / "last", training={"step": 7}, training_arrays=arrays)
    return tmp_path / "last"


def edit(path: Path, change: Callable[[Any], Any]) -> None:
    """Change a JSON file, and its hash with it, as a program of another kind would have written it."""
    document = change(json.loads(path.read_text(encoding="utf-8")))
    heads = ("format", "format_version", "scratchnet_version", "arrays_sha256", "content_sha256")
    content = {key: value for key, value in document.items() if key not in heads}
    document["content_sha256"] = documents._hash_of_content(content)
    path.write_text(json.dumps(document), encoding="utf-8")


def put(*keys: str, value: Any) -> Callable[[Any], Any]:
    """Return a change that sets one value within a JSON document."""

    def change(document: Any) -> Any:
        place = document
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value
        return document

    return change


@pytest.mark.parametrize("options", [{}, {"cell": "gru", "bidirectional": True, "layers": 2, "dtype": "float64"}])
def test_what_is_loaded_is_what_was_saved_to_the_last_bit(tmp_path: Path, options: dict[str, Any]) -> None:
    translator = tiny_translator(3, **options)
    save_translator(translator, tmp_path / "a" / "b")
    loaded = load_translator(tmp_path / "a" / "b")
    assert weights(loaded) == weights(translator)
    assert loaded.config == translator.config
    assert loaded.source_vocabulary == translator.source_vocabulary
    assert loaded.target_vocabulary == translator.target_vocabulary
    assert loaded.model.dtype == translator.model.dtype
    assert loaded.translate(["red old"]) == translator.translate(["red old"])


def test_the_files_are_json_for_people_and_safetensors_for_programs(saved: Path) -> None:
    assert sorted(path.name for path in saved.iterdir()) == FILES
    text = (saved / "model.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["format"] == "scratchnet"
    assert document["config"]["cell"] == "lstm"
    assert "नीला" in text
    assert load_file(saved / "weights.safetensors").keys() == tiny_translator().model.parameters().keys()


def test_a_model_can_be_loaded_in_another_dtype(saved: Path) -> None:
    assert load_translator(saved, dtype="float64").model.decoder.output.W.dtype == np.float64


def test_the_training_comes_back_as_it_was_given(saved: Path) -> None:
    training, arrays = read_training(saved)
    assert training == {"step": 7}
    np.testing.assert_array_equal(arrays["m.b"], np.arange(3.0))
    save_translator(tiny_translator(), saved)
    with pytest.raises(CheckpointError, match=r"training\.json: is missing"):
        read_training(saved)


def test_a_run_is_loaded_from_its_best_and_before_there_is_one_from_its_last(tmp_path: Path, saved: Path) -> None:
    assert find_checkpoint(tmp_path) == saved
    best = tiny_translator(1)
    save_translator(best, tmp_path / "best")
    assert weights(load_translator(tmp_path)) == weights(best)
    assert weights(load_translator(saved)) != weights(best)


def test_a_cell_of_a_file_is_loaded_by_the_loader_given(tmp_path: Path) -> None:
    translator = tiny_translator(cell="gru")
    translator.config = type(translator.config)(**{**translator.config.to_json(), "cell": "mine.py:Cell"})
    save_translator(translator, tmp_path / "run")
    with pytest.raises(InputError, match=r"run: unknown cell 'mine\.py:Cell'"):
        load_translator(tmp_path / "run")
    asked: list[str] = []
    loaded = load_translator(tmp_path / "run", load_class=lambda spec: (asked.append(spec), GRUCell)[1])
    assert asked == ["mine.py:Cell"]
    assert weights(loaded) == weights(translator)


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [0, 0.5, -1])
def test_a_file_cut_short_is_refused(saved: Path, name: str, size: float) -> None:
    data = (saved / name).read_bytes()
    (saved / name).write_bytes(data[: int(len(data) * size) if size >= 0 else -3])
    with pytest.raises(CheckpointError, match=name.replace(".", r"\.")):
        read_training(saved) if name.startswith("training") else load_translator(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(CheckpointError, match=name.replace(".", r"\.")):
        read_training(saved) if name.startswith("training") else load_translator(saved)


@pytest.mark.parametrize("name", ["weights.safetensors", "training.safetensors"])
def test_a_single_changed_bit_among_the_arrays_is_noticed(saved: Path, name: str) -> None:
    data = bytearray((saved / name).read_bytes())
    data[-5] ^= 1
    (saved / name).write_bytes(data)
    with pytest.raises(CheckpointError, match=r"changed.*SHA-256"):
        read_training(saved) if name.startswith("training") else load_translator(saved)


def test_weights_of_another_checkpoint_are_noticed(tmp_path: Path, saved: Path) -> None:
    save_translator(tiny_translator(9), tmp_path / "other")
    shutil.copy(tmp_path / "other" / "weights.safetensors", saved)
    with pytest.raises(CheckpointError, match=r"not the one that model\.json speaks of"):
        load_translator(saved)


def test_a_word_changed_by_hand_in_the_vocabulary_is_noticed(saved: Path) -> None:
    path = saved / "model.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"blue"', '"green"'), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"model\.json: was changed"):
        load_translator(saved)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda document: [document], "not written by scratchnet"),
        (put("format", value="other"), "not written by scratchnet"),
        (put("format_version", value=2), "format version 2.*reads version 1"),
        (put("config", "cell", value="lstmm"), "unknown cell 'lstmm'"),
        (put("config", "colour", value="red"), "colour"),
        (put("config", "hidden_size", value=7), "shape"),
        (put("config", "hidden_size", value="many"), "hidden_size is 'many'"),
        (put("config", "hidden_size", value=-1), "hidden_size is -1"),
        (put("config", "dropout", value="much"), "dropout is 'much'"),
        (put("config", value=None), "model.json"),
        (put("dtype", value="float16"), "float16"),
        (put("target_vocabulary", "tokens", value=["<pad>", "<unk>", "<start>", "<end>", "a", "b"]), "shape"),
        (put("source_vocabulary", "tokens", value=["<pad>", "<unk>", "<start>", "<end>", "a", "b"]), "shape"),
        (put("target_vocabulary", "tokens", value=["a", "b"]), "stored vocabulary"),
        (put("target_vocabulary", value=[]), "stored vocabulary"),
    ],
)
def test_a_description_that_cannot_be_is_one_clear_line(saved: Path, change: Callable[[Any], Any], told: str) -> None:
    if told == "not written by scratchnet":
        path = saved / "model.json"
        path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    else:
        edit(saved / "model.json", change)
    with pytest.raises(InputError, match=told) as caught:
        load_translator(saved)
    assert str(saved) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_field_that_is_missing_is_named(saved: Path) -> None:
    edit(saved / "model.json", lambda document: {k: v for k, v in document.items() if k != "source_vocabulary"})
    with pytest.raises(CheckpointError, match=r"model\.json: has no 'source_vocabulary'"):
        load_translator(saved)


def test_arrays_that_match_their_hash_but_are_no_safetensors_are_refused(saved: Path) -> None:
    (saved / "weights.safetensors").write_bytes(b"\x80\x04K\x01.")  # a pickle, of all things
    edit(saved / "model.json", put("arrays_sha256", value=documents._hash(b"\x80\x04K\x01.")))
    with pytest.raises(CheckpointError, match="safetensors"):
        load_translator(saved)


def test_weights_under_other_names_are_refused(saved: Path) -> None:
    data = save({"other.W": np.zeros(3, dtype=np.float32)})
    (saved / "weights.safetensors").write_bytes(data)
    edit(saved / "model.json", put("arrays_sha256", value=documents._hash(data)))
    with pytest.raises(CheckpointError, match="belong to another model"):
        load_translator(saved)


@pytest.mark.parametrize("kind", ["missing", "file", "empty folder"])
def test_a_path_to_no_checkpoint_says_what_is_there_instead(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "run"
    if kind == "file":
        path.write_text("")
    elif kind == "empty folder":
        path.mkdir()
    told = {"missing": "no such folder", "file": "this is a file", "empty folder": r"holds no model\.json"}[kind]
    with pytest.raises(CheckpointError, match=told):
        load_translator(path)
