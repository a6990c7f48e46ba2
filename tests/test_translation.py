"""Text in, text out: what a translator does with sentences, blank ones, unknown words and limits."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import PAIRS, TRAIN, tiny_training, tiny_translator

from scratchnet.cells import GRUCell
from scratchnet.data import END, UNK, Vocabulary
from scratchnet.errors import InputError
from scratchnet.translation import ModelConfig, Translator

SOURCES = ["red", "blue old", "old big red", "big", "red red"]


@pytest.fixture(scope="module")
def trained() -> Translator:
    """Return a translator that has learned a little, so that what it writes depends on what it reads."""
    translator = tiny_translator(hidden_size=16)
    tiny_training(translator, epochs=12, learning_rate=0.03)
    return translator


def test_translations_come_in_the_order_of_the_sentences(trained: Translator) -> None:
    found = trained.translate(SOURCES)
    assert [translation.source for translation in found] == SOURCES
    assert len({translation.text for translation in found}) > 2
    assert [trained.translate([source])[0].text for source in SOURCES] == [translation.text for translation in found]


@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_the_size_of_the_batches_changes_nothing(trained: Translator, batch_size: int) -> None:
    wanted = [translation.text for translation in trained.translate(SOURCES)]
    assert [translation.text for translation in trained.translate(SOURCES, batch_size=batch_size)] == wanted


def test_a_blank_sentence_gives_a_blank_translation(trained: Translator) -> None:
    blank, spaces, full = trained.translate(["", "  \t", "red"])
    for translation in (blank, spaces):
        assert (translation.text, translation.hypothesis, translation.unknown) == ("", None, ())
        assert translation.complete
    assert full.text
    assert trained.translate([]) == []


def test_unknown_words_are_named(trained: Translator) -> None:
    (found,) = trained.translate(["red zebra old xylophone"])
    assert found.unknown == ("zebra", "xylophone")
    assert trained.translate(["red old"])[0].unknown == ()


def test_a_translation_cut_off_says_so() -> None:
    translator = tiny_translator()
    translator.model.decoder.output.b[END] = -50.0
    (cut,) = translator.translate(["red blue"], max_length=4)
    assert not cut.complete
    assert cut.hypothesis is not None
    assert len(cut.hypothesis.ids) == 4
    translator.model.decoder.output.b[END] = 50.0
    (whole,) = translator.translate(["red blue"], max_length=4)
    assert whole.complete
    assert whole.text == ""


def test_the_search_is_the_one_asked_for(trained: Translator) -> None:
    wide = [translation.hypothesis for translation in trained.translate(SOURCES, beam=8, length_penalty=0.0)]
    narrow = [translation.hypothesis for translation in trained.translate(SOURCES)]
    assert all(w.log_probability >= n.log_probability - 1e-6 for w, n in zip(wide, narrow, strict=True) if w and n)
    assert [hypothesis.score for hypothesis in wide if hypothesis] == [
        hypothesis.log_probability for hypothesis in wide if hypothesis
    ]


def test_a_pair_is_encoded_by_its_two_vocabularies() -> None:
    translator = tiny_translator()
    source, target = translator.encode_pair(("red zebra", "लाल।"))
    assert source[1] == UNK
    assert translator.target_vocabulary.decode(target) == "लाल।"
    assert len(source) == len(target) == 2


def test_a_model_and_a_vocabulary_of_different_sizes_are_refused() -> None:
    translator = tiny_translator()
    other = Vocabulary.build(["some other words"])
    with pytest.raises(InputError, match=rf"{len(other)} tokens, the model wants {len(translator.target_vocabulary)}"):
        Translator(translator.model, translator.source_vocabulary, other, translator.config)


def test_a_configuration_survives_json() -> None:
    config = ModelConfig(cell="gru", embedding_size=None, layers=2, bidirectional=True, dropout=0.25)
    assert ModelConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize("change", [{"colour": 3}, {"layers": ...}])
def test_a_configuration_with_other_fields_is_refused(change: dict[str, object]) -> None:
    values = {k: v for k, v in {**ModelConfig().to_json(), **change}.items() if v is not ...}
    with pytest.raises(InputError, match=next(iter(change))):
        ModelConfig.from_json(values)


def test_every_option_of_a_configuration_reaches_the_model() -> None:
    config = ModelConfig("gru", 8, 8, 2, True, True, 0.25, True, 0.1)
    model = config.build(9, 10)
    assert {type(cell) for cell in model.decoder.layers.cells} == {GRUCell}
    assert len(model.decoder.layers.cells) == 2
    assert len(model.encoder.layers.cells) == 4  # two layers, both ways
    assert (model.encoder.reverse_source, model.decoder.dropout.rate, model.loss.smoothing) == (True, 0.25, 0.1)
    assert np.shares_memory(model.decoder.output.W, model.decoder.embedding.W)
    assert model.encoder.embedding.W.shape == (9, 8)
    assert model.decoder.embedding.W.shape == (10, 8)


def test_an_unknown_cell_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'lstmm'.*lstm, gru"):
        ModelConfig(cell="lstmm").build(9, 9)
    with pytest.raises(InputError, match=r"mine\.py:Cell"):
        ModelConfig(cell="mine.py:Cell").build(9, 9)


def test_a_class_given_to_build_is_the_cell_of_every_layer() -> None:
    model = ModelConfig(cell="mine.py:Cell", hidden_size=4).build(9, 9, cell=GRUCell)
    assert {type(cell) for cell in (*model.encoder.layers.cells, *model.decoder.layers.cells)} == {GRUCell}


def test_the_seed_decides_the_weights() -> None:
    one, same, other = (tiny_translator(seed).model.parameters() for seed in (1, 1, 2))
    for name in one:
        np.testing.assert_array_equal(one[name], same[name])
    assert any((one[name] != other[name]).any() for name in one)


def test_the_toy_language_has_an_answer_for_every_sentence() -> None:
    assert len(dict(PAIRS)) == len(PAIRS)
    assert {word for source, _ in PAIRS for word in source.split()} == {w for s, _ in TRAIN for w in s.split()}
