"""Evaluation: the scores, against sacreBLEU asked directly and against the definitions written out."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF
from tiny import PAIRS, TRAIN, VALIDATION, tiny_training, tiny_translator

from scratchnet.data import Vocabulary, group_references, make_batch
from scratchnet.decoding import log_probabilities
from scratchnet.errors import InputError
from scratchnet.translation import ModelConfig, Translator
from scratchnet.translation.scores import evaluate, exact_match, perplexity, teacher_forced_loss

KEYS = ["loss", "perplexity", "bleu", "chrf", "exact_match", "tokens", "sentences", "signature"]
SEVERAL = [*PAIRS[:12], ("red", "गुलाबी।"), ("blue  red", "लाल औरनीला।"), ("red", "लोहित।")]


@pytest.fixture(scope="module")
def trained() -> Translator:
    """Return a translator that is right about some sentences and wrong about others."""
    translator = tiny_translator(hidden_size=16)
    tiny_training(translator, epochs=8, learning_rate=0.03)
    return translator


def test_the_keys_are_these(trained: Translator) -> None:
    assert list(evaluate(trained, VALIDATION)) == KEYS


def test_the_loss_is_the_mean_over_all_target_tokens_with_the_true_words_read(trained: Translator) -> None:
    scores = evaluate(trained, SEVERAL, batch_size=4)
    ids = [trained.encode_pair(pair) for pair in SEVERAL]
    total = log_probabilities(trained.model, make_batch(*zip(*ids, strict=True))).sum()
    tokens = sum(len(target) + 1 for _, target in ids)
    assert scores["tokens"] == tokens
    assert scores["loss"] == pytest.approx(-total / tokens, rel=1e-5)
    assert scores["perplexity"] == math.exp(scores["loss"])


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_the_loss_does_not_depend_on_the_batches(trained: Translator, batch_size: int) -> None:
    ids = [trained.encode_pair(pair) for pair in SEVERAL]
    wanted = teacher_forced_loss(trained.model, ids, 7)
    found = teacher_forced_loss(trained.model, ids, batch_size)
    assert found == (pytest.approx(wanted[0], rel=1e-6), wanted[1])


def test_the_loss_is_without_dropout_and_label_smoothing(trained: Translator) -> None:
    config = ModelConfig(**{**trained.config.to_json(), "dropout": 0.5, "label_smoothing": 0.2})
    model = config.build(len(trained.source_vocabulary), len(trained.target_vocabulary))
    model.load_parameters(trained.model.parameters())
    other = Translator(model, trained.source_vocabulary, trained.target_vocabulary, config)
    assert evaluate(other, VALIDATION) == evaluate(trained, VALIDATION)


def test_the_scores_are_those_of_sacrebleu_over_the_corpus(trained: Translator) -> None:
    scores = evaluate(trained, PAIRS)
    written = [translation.text for translation in trained.translate([source for source, _ in PAIRS])]
    references = [[target for _, target in PAIRS]]
    assert scores["bleu"] == BLEU(tokenize="intl").corpus_score(written, references).score
    assert scores["chrf"] == CHRF().corpus_score(written, references).score
    assert 0 < scores["bleu"] < 100
    assert "BLEU|nrefs:1|case:mixed|eff:no|tok:intl|" in scores["signature"]
    assert "chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|" in scores["signature"]


def test_all_targets_of_a_source_are_references_of_its_one_translation(trained: Translator) -> None:
    scores = evaluate(trained, SEVERAL)
    assert scores["sentences"] == 12 == len(group_references(SEVERAL))
    assert "nrefs:var" in scores["signature"]
    sources = [source for source, _ in SEVERAL[:12]]
    written = [translation.text for translation in trained.translate(sources)]
    answers = [{normal(target) for source, target in SEVERAL if normal(source) == wanted} for wanted in sources]
    assert [len(targets) for targets in answers].count(1) < 12
    right = sum(text in targets for text, targets in zip(written, answers, strict=True))
    assert scores["exact_match"] == right / 12
    assert 0 < right < 12


def normal(text: str) -> str:
    return " ".join(text.split())


def test_a_second_reference_that_is_right_makes_the_sentence_right(trained: Translator) -> None:
    (written,) = (translation.text for translation in trained.translate(["red"]))
    alone = evaluate(trained, [("red", "गुलाबी है।"), ("old", "x")])
    both = evaluate(trained, [("red", "गुलाबी है।"), ("red", written), ("old", "x")])
    assert (alone["exact_match"], both["exact_match"]) == (0.0, 0.5)
    assert both["chrf"] > alone["chrf"]


def test_a_perfect_translator_gets_full_marks(trained: Translator) -> None:
    written = [(t.source, t.text) for t in trained.translate([source for source, _ in PAIRS[20:]])]
    scores = evaluate(trained, written)
    assert scores["exact_match"] == 1.0
    assert scores["bleu"] == pytest.approx(100.0)
    assert scores["chrf"] == pytest.approx(100.0)


def test_a_missing_danda_costs_a_token_and_not_the_word_before_it() -> None:
    assert BLEU(tokenize="intl").tokenizer("वह घर गया।").split() == ["वह", "घर", "गया", "।"]
    assert BLEU(tokenize="13a").tokenizer("वह घर गया।").split() == ["वह", "घर", "गया।"]


def test_a_lower_case_vocabulary_is_scored_without_regard_to_case() -> None:
    pairs = [("ein Hund", "A Dog"), ("eine Katze", "A Cat")]
    sources, targets = (Vocabulary.build([p[side] for p in pairs], lowercase=True) for side in (0, 1))
    config = ModelConfig(embedding_size=8, hidden_size=16)
    translator = Translator(config.build(len(sources), len(targets)), sources, targets, config)
    texts = [translation.text.title() for translation in translator.translate([s for s, _ in pairs])]
    scores = evaluate(translator, [(source, text or "A") for (source, _), text in zip(pairs, texts, strict=True)])
    assert "case:lc" in scores["signature"]
    assert exact_match(["a dog"], [["A Dog"]]) == 0.0
    assert exact_match(["a dog"], [["A Dog"]], lowercase=True) == 1.0


def test_a_wider_beam_is_passed_on_to_the_search(trained: Translator) -> None:
    translator = tiny_translator(2)
    one, four = (evaluate(translator, PAIRS, beam=beam, max_length=6, length_penalty=0.0) for beam in (1, 4))
    assert one["loss"] == four["loss"]
    assert (one["bleu"], one["chrf"]) != (four["bleu"], four["chrf"])


@pytest.mark.parametrize(
    ("pairs", "told"), [([], "no pairs"), ([*TRAIN[:2], ("", "लाल")], "pair 3.*blank"), ([("red", " ")], "pair 1")]
)
def test_pairs_that_cannot_be_scored_are_refused(pairs: list[tuple[str, str]], told: str) -> None:
    with pytest.raises(InputError, match=told):
        evaluate(tiny_translator(), pairs)


def test_exact_match_looks_past_spaces_and_unicode_form_only() -> None:
    assert exact_match(["ज़ रा ", "x"], [["ज़  रा"], ["y"]]) == 0.5
    assert exact_match(["Red"], [["red", "blue"]]) == 0.0


def test_perplexity_is_the_exponential_and_infinite_beyond_numbers() -> None:
    assert perplexity(math.log(7.0)) == pytest.approx(7.0)
    assert perplexity(1e9) == math.inf


def test_evaluation_changes_no_weight(trained: Translator) -> None:
    before = {name: array.copy() for name, array in trained.model.parameters().items()}
    evaluate(trained, VALIDATION, beam=2)
    for name, array in trained.model.parameters().items():
        np.testing.assert_array_equal(array, before[name])


def test_sacrebleu_is_imported_only_when_something_is_scored() -> None:
    script = "import sys, scratchnet.training, scratchnet.translation.checkpoint; print('sacrebleu' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False", done.stderr
