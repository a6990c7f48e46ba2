"""The vocabulary: numbering, encoding and decoding, the special tokens, and what it refuses."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.data import END, PAD, START, UNK, Vocabulary, normalise
from scratchnet.data.text import MARK
from scratchnet.data.vocabulary import SPECIAL_TOKENS, UNITS
from scratchnet.errors import InputError

SENTENCES = ["Tom sees a dog.", "Tom's dog sees Tom!", "टॉम कुत्ता देखता है।", "वह हिन्दी बोलता है।"]
TEXTS = st.text(st.sampled_from("abTo .,!'<>endpu" + "कतषि्ा।\u200d" + MARK + "\u00a0🙂"), max_size=20)


def word_vocabulary() -> Vocabulary:
    return Vocabulary.build(SENTENCES)


# Numbering


def test_the_four_special_tokens_have_the_first_four_ids() -> None:
    assert (PAD, UNK, START, END) == (0, 1, 2, 3)
    assert word_vocabulary().tokens[:4] == ("<pad>", "<unk>", "<start>", "<end>") == SPECIAL_TOKENS


def test_tokens_are_numbered_by_count_and_equal_counts_by_code_point() -> None:
    assert Vocabulary.build(["b c a c", "क a z"]).tokens[4:] == ("a", "c", "b", "z", "क")


def test_the_order_of_the_sentences_does_not_matter() -> None:
    assert Vocabulary.build(SENTENCES) == Vocabulary.build(SENTENCES[::-1])


def test_the_length_counts_the_special_tokens() -> None:
    assert len(Vocabulary.build(["a b b"])) == 6


def test_rare_tokens_are_left_out() -> None:
    assert Vocabulary.build(["a a a b b c"], min_count=2).tokens[4:] == ("a", "b")


def test_the_most_frequent_tokens_are_kept_where_the_size_is_limited() -> None:
    assert Vocabulary.build(["a b b c c c d"], max_size=2).tokens[4:] == ("c", "b")


def test_characters_are_grapheme_clusters_and_the_space_is_one() -> None:
    vocabulary = Vocabulary.build(["हिन्दी है"], unit="character")
    assert set(vocabulary.tokens[4:]) == {"हि", "न्दी", " ", "है"}
    assert vocabulary.unit == "character"


def test_lower_case_makes_one_token_of_two_spellings() -> None:
    vocabulary = Vocabulary.build(["Tom tom Mr. x"], lowercase=True)
    assert vocabulary.tokens[4:] == ("tom", "mr.", "x")
    assert vocabulary.encode("TOM") == vocabulary.encode("tom") == [4]


# Encoding and decoding


def test_encoding_adds_neither_start_nor_end() -> None:
    vocabulary = word_vocabulary()
    assert [vocabulary.tokens[i] for i in vocabulary.encode("Tom sees Tom.")] == ["Tom", "sees", "Tom", "."]


def test_an_unknown_word_is_encoded_as_unk_and_shown_as_such() -> None:
    vocabulary = word_vocabulary()
    ids = vocabulary.encode("Tom sees Mary!")
    assert ids[2] == UNK
    assert vocabulary.decode(ids) == "Tom sees <unk>!"


def test_decoding_stops_at_the_first_end() -> None:
    vocabulary = word_vocabulary()
    assert vocabulary.decode([*vocabulary.encode("a dog"), END, *vocabulary.encode("Tom")]) == "a dog"


def test_decoding_passes_over_padding_and_start() -> None:
    vocabulary = word_vocabulary()
    first, second = vocabulary.encode("a dog")
    assert vocabulary.decode([START, first, PAD, second, PAD]) == "a dog"


def test_decoding_takes_the_integers_of_an_array() -> None:
    vocabulary = word_vocabulary()
    assert vocabulary.decode(np.array(vocabulary.encode("a dog"))) == "a dog"


@pytest.mark.parametrize("wrong", [-1, 10_000])
def test_decoding_refuses_an_id_that_the_vocabulary_does_not_have(wrong: int) -> None:
    with pytest.raises(InputError, match=rf"id {wrong} is not in a vocabulary of \d+"):
        word_vocabulary().decode([4, wrong])


@given(st.lists(TEXTS, min_size=1, max_size=5), st.sampled_from(UNITS))
def test_what_was_built_from_comes_back_from_its_ids(sentences: list[str], unit: str) -> None:
    vocabulary = Vocabulary.build([*sentences, "a b"], unit)
    for sentence in sentences:
        assert vocabulary.decode(vocabulary.encode(sentence)) == normalise(sentence)
        assert vocabulary.unknown_words(sentence) == []


@given(TEXTS, st.sampled_from(UNITS))
def test_no_text_is_encoded_as_pad_start_or_end(text: str, unit: str) -> None:
    vocabulary = Vocabulary.build([text, "a <end> <pad> <start> <unk> b"], unit)
    assert not {PAD, START, END} & set(vocabulary.encode(text))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("special", SPECIAL_TOKENS)
def test_a_text_that_spells_a_special_token_is_text_like_any_other(special: str, unit: str) -> None:
    text = f"a {special} b"
    vocabulary = Vocabulary.build([text], unit)
    ids = vocabulary.encode(text)
    assert min(ids) > END
    assert vocabulary.decode(ids) == text


def test_an_unusual_space_does_not_cost_a_known_symbol() -> None:
    vocabulary = word_vocabulary()
    assert vocabulary.encode("Tom !") == vocabulary.encode("Tom!")
    assert vocabulary.unknown_share("Tom !") == 0


def test_an_unusual_space_is_kept_where_the_vocabulary_has_seen_it() -> None:
    vocabulary = Vocabulary.build(["Tom !", "dog!"])
    assert vocabulary.decode(vocabulary.encode("Tom !")) == "Tom !"


# What is unknown


def test_unknown_words_are_listed_in_order_with_repeats_and_without_marks() -> None:
    assert word_vocabulary().unknown_words("Mary sees Ann ; Mary") == ["Mary", "Ann", ";", "Mary"]


def test_unknown_characters_are_listed_as_clusters() -> None:
    vocabulary = Vocabulary.build(["हैहिहै"], "character")
    assert vocabulary.unknown_words("है क्या") == [" ", "क्या"]


def test_a_character_that_looks_like_a_mark_of_spacing_is_looked_up_as_it_stands() -> None:
    vocabulary = Vocabulary.build(["a \u0301"], "character")
    assert vocabulary.unknown_words(MARK + "\u0301") == [MARK + "\u0301"]


def test_the_unknown_share_counts_tokens() -> None:
    assert word_vocabulary().unknown_share("Mary sees a dog") == 0.25
    assert word_vocabulary().unknown_share("  ") == 0


# Storing


@given(st.lists(TEXTS, min_size=1, max_size=5), st.sampled_from(UNITS), st.booleans())
def test_a_vocabulary_survives_being_stored_as_json(sentences: list[str], unit: str, lowercase: bool) -> None:
    vocabulary = Vocabulary.build([*sentences, "a b"], unit, lowercase=lowercase)
    assert Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json()))) == vocabulary


def test_vocabularies_that_differ_in_tokens_unit_or_case_are_not_equal() -> None:
    vocabularies = [
        Vocabulary(["a", "b"]),
        Vocabulary(["b", "a"]),
        Vocabulary(["a", "b"], "character"),
        Vocabulary(["a", "b"], lowercase=True),
    ]
    assert all((a == b) == (a is b) for a in vocabularies for b in vocabularies)
    assert vocabularies[0] != ["a", "b"]


def damaged(**changes: Any) -> dict[str, Any]:
    return {**Vocabulary(["a", "b"]).to_json(), **changes}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (["a"], r"\['a'\] is not a JSON object"),
        ({}, "'unit' is None, not a str"),
        (damaged(unit="letter"), "'word' or 'character', not 'letter'"),
        (damaged(lowercase=1), "'lowercase' is 1, not a bool"),
        (damaged(tokens="abc"), "'tokens' is 'abc', not a list"),
        (damaged(tokens=["a", "b", "c", "d", "e", "f"]), "first tokens are not <pad> <unk> <start> <end>"),
        (damaged(tokens=[*SPECIAL_TOKENS, "a"]), "a single word, 'a', leaves nothing to tell apart"),
        (damaged(tokens=list(SPECIAL_TOKENS)), "no words leaves nothing to tell apart"),
        (damaged(tokens=[*SPECIAL_TOKENS, "a", 7]), "token 5 is 7, not text"),
        (damaged(tokens=[*SPECIAL_TOKENS, "a", "b", "a"]), "token 6, 'a', occurs twice"),
        (damaged(tokens=[*SPECIAL_TOKENS, "a", "<end>"]), "token 5, '<end>', occurs twice"),
        (damaged(tokens=[*SPECIAL_TOKENS, "a", ""]), "token 5, '', is empty or contains white space"),
        (damaged(tokens=[*SPECIAL_TOKENS, "a", "b c"]), "token 5, 'b c', is empty or contains white space"),
        (damaged(tokens=[*SPECIAL_TOKENS, "a", " "]), "token 5, ' ', is empty or contains white space"),
        (damaged(tokens=[*SPECIAL_TOKENS, "a", MARK]), f"token 5, '{MARK}', is empty or contains white space"),
    ],
)
def test_a_damaged_stored_vocabulary_is_refused_in_one_line(data: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        Vocabulary.from_json(data)
    assert "\n" not in str(refusal.value)


# Refusing to build


@pytest.mark.parametrize("min_count", [0, -3])
def test_a_minimal_count_below_one_is_refused(min_count: int) -> None:
    with pytest.raises(InputError, match=f"min_count is {min_count}; it must be 1 or more"):
        Vocabulary.build(SENTENCES, min_count=min_count)


@pytest.mark.parametrize("max_size", [1, 0, -1])
def test_a_size_limit_below_two_is_refused(max_size: int) -> None:
    with pytest.raises(InputError, match=f"max_size is {max_size}; it must be 2 or more"):
        Vocabulary.build(SENTENCES, max_size=max_size)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(InputError, match="unit is 'word' or 'character', not 'byte'"):
        Vocabulary.build(SENTENCES, unit="byte")


def test_no_sentences_are_refused() -> None:
    with pytest.raises(InputError, match="no sentences to build a vocabulary from"):
        Vocabulary.build([])


def test_blank_sentences_are_refused() -> None:
    with pytest.raises(InputError, match=r"all sentences .* \(2\) are blank"):
        Vocabulary.build([" ", "\u200b"])


def test_one_string_instead_of_a_list_of_sentences_is_refused() -> None:
    with pytest.raises(InputError, match="list of sentences, not from one string"):
        Vocabulary.build("Tom sees a dog.")


def test_a_vocabulary_of_one_word_is_refused() -> None:
    with pytest.raises(InputError, match="a single word, 'go', leaves nothing to tell apart"):
        Vocabulary.build(["go go", "go"])


def test_a_minimal_count_that_leaves_too_little_is_refused_with_one_that_would_do() -> None:
    with pytest.raises(InputError, match=r"min_count=4 leaves 1 of 3 different words.* occurs 3 times"):
        Vocabulary.build(["a a a a b b b c"], min_count=4)
    assert len(Vocabulary.build(["a a a a b b b c"], min_count=3)) == 6
