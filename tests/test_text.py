"""Normalising, words and grapheme clusters: right for English and Devanagari, and without loss for any text."""

import unicodedata
from pathlib import Path

import pytest
from helpers import sample
from hypothesis import given, settings
from hypothesis import strategies as st

from scratchnet.data import normalise
from scratchnet.data.text import MARK, detokenize, graphemes, join_graphemes, tokenize, without_mark

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

LATIN = "abcdeimrstABDIMSTéñß"
DEVANAGARI = "अआइएकखगचजटडतदनपमयरलवशषसह" + "ािीुूृेैोौंँःॅॉ" + "\u094d\u093c\u0901" + "\u200d\u200c" + "०१९॰"
PUNCTUATION = "\"'’‘“”«».,;:!?…-–—/|।॥()[]{}<>@#$₹%&*+=_~\\^`"
SPACES = " \u00a0\u202f\u2009\u2028\u0085\t\n\r\x0b"
INVISIBLE = "\u200b\ufeff\u00ad\u200e\u200f\u202a\u202e\u2066\u2069\u2060"
OTHER = "🙂👍🏽👨\u200d👩\u200d👧🇮🇳❤\ufe0f©°" + MARK + "\u0301\u0327" + "0123456789" + "中あ"
FRAGMENTS = [
    "don't", "I'm", "Tom's", "dogs'", "Mr.", "U.S.", "p.m.", "3.14", "1,000", "10:30", "well-known", "...", "--",
    "https://a.in/b", "दर्‍या", "हिन्दी", "है", "दु:ख", "डॉ.", "<mark>", "<end>", "mark", MARK * 2, "|", "।",
]  # fmt: skip
ALPHABET = st.sampled_from(LATIN + DEVANAGARI + PUNCTUATION + SPACES + INVISIBLE + OTHER)
TEXTS = st.lists(ALPHABET | st.sampled_from(FRAGMENTS) | st.just(" "), max_size=30).map("".join) | st.text(max_size=30)
PLAIN_WORDS = st.text("abcdeimrst", min_size=1, max_size=8) | st.text(DEVANAGARI, min_size=1, max_size=8)
CONSONANTS = st.lists(st.sampled_from(["क", "त", "न", "य", "र", "ष", "ज\u093c", "ड\u093c"]), min_size=1, max_size=5)
WORDS = st.text(st.sampled_from(LATIN + DEVANAGARI), min_size=1, max_size=12)


def corpus_lines(name: str) -> list[str]:
    path = SHARED / name / f"{name}.txt"
    if not path.exists():
        pytest.skip(f"the corpus {name} is not beside this repository (shared/data/{name}/{name}.txt)")
    lines = path.read_bytes().decode("utf-8").split("\n")
    return list(dict.fromkeys(column for line in lines if line for column in line.split("\t")[:2]))


# Normalising


def test_white_space_of_every_kind_becomes_single_plain_spaces_and_none_at_the_ends() -> None:
    assert normalise("\u00a0Va\u202f\u2009!\t\n Oui\u3000") == "Va ! Oui"


def test_invisible_layout_characters_are_removed() -> None:
    assert normalise("\ufeffco\u00adop\u200ber\u200e\u202aate\u2069") == "cooperate"


def test_joiners_are_kept_because_they_are_spelling() -> None:
    assert normalise("दर्\u200dया क्\u200cष") == "दर्\u200dया क्\u200cष"


def test_both_ways_to_write_a_nukta_letter_become_one() -> None:
    assert normalise("\u095b\u093eदा") == normalise("ज\u093c\u093eदा") == "ज\u093c\u093eदा"


def test_an_accent_parted_from_its_letter_by_an_invisible_character_is_composed_all_the_same() -> None:
    assert normalise("e\u200b\u0301") == "é"


@given(TEXTS)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


# Words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Wow!", ["Wow", "!"]),
        ("Hello, world.", ["Hello", ",", "world", "."]),
        ("Really?!", ["Really", "?", "!"]),
        ("Wait... what?", ["Wait", "...", "what", "?"]),
        ("Wait… what?", ["Wait", "…", "what", "?"]),
        ("I'm Tom's friend.", ["I", "'m", "Tom", "'s", "friend", "."]),
        ("We’ll see, they'd go.", ["We", "’ll", "see", ",", "they", "'d", "go", "."]),
        ("I don't know, o'clock.", ["I", "don't", "know", ",", "o'clock", "."]),
        ("The girls' books.", ["The", "girls", "'", "books", "."]),
        ('He said, "Go!" Then he left.', ["He", "said", ",", '"', "Go", "!", '"', "Then", "he", "left", "."]),
        ('"A" is not "B".', ['"', "A", '"', "is", "not", '"', "B", '"', "."]),
        ("This and/or that, AT&T.", ["This", "and", "/", "or", "that", ",", "AT&T", "."]),
        ("Etc.\u200d so..\u0301", ["Etc", MARK + ".\u200d", "so", ".", MARK + ".\u0301"]),
        ("Say “yes” (or not).", ["Say", "“", "yes", "”", "(", "or", "not", ")", "."]),
        ("Pi is 3.14, not 1,000.", ["Pi", "is", "3.14", ",", "not", "1,000", "."]),
        ("Come at 10:30.", ["Come", "at", "10:30", "."]),
        ("Mr. Smith met Dr. Rao.", ["Mr.", "Smith", "met", "Dr.", "Rao", "."]),
        ("At 5 p.m. in the U.S. we ate.", ["At", "5", "p.m.", "in", "the", "U.S.", "we", "ate", "."]),
        ("A well-known half-asleep man.", ["A", "well-known", "half-asleep", "man", "."]),
        ("It costs $50 or 20%.", ["It", "costs", "$", "50", "or", "20", "%", "."]),
        ("See https://example.org/a?b=1.", ["See", "https://example.org/a?b=1", "."]),
        ("वाह!", ["वाह", "!"]),
        ("मैं घर जा रहा हूँ।", ["मैं", "घर", "जा", "रहा", "हूँ", "।"]),
        ("॥ श्री ॥", ["॥", "श्री", MARK + "॥"]),
        ("वह अच्छा है|", ["वह", "अच्छा", "है", "|"]),
        ("क्या यह ज़्यादा है?", ["क्या", "यह", "ज़्यादा", "है", "?"]),
        ("धीरे-धीरे चलो।", ["धीरे-धीरे", "चलो", "।"]),
        ("बर्\u200dया अ\u200dॅप आहेत.", ["बर्\u200dया", "अ\u200dॅप", "आहेत", "."]),
        ("तो ७:४५ला १,०००ने आला.", ["तो", "७:४५ला", "१,०००ने", "आला", "."]),
        ("बहुत दु:ख है।", ["बहुत", "दु:ख", "है", "।"]),
        ("डॉ. राव एम.आय.टी. येथे.", ["डॉ.", "राव", "एम.आय.टी.", "येथे", "."]),
    ],
)
def test_a_sentence_is_split_into_the_tokens_a_reader_expects(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


def test_a_capital_i_typed_for_a_danda_is_split_off() -> None:
    assert tokenize("यह मेरा घरI") == ["यह", "मेरा", "घर", MARK + "I"]


def test_a_space_where_none_is_usual_is_marked_at_the_symbol() -> None:
    assert tokenize("वह गया ।") == ["वह", "गया", MARK + "।"]
    assert tokenize("( a)") == ["(" + MARK, "a", ")"]


def test_no_space_where_one_is_usual_is_marked_at_the_symbol() -> None:
    assert tokenize("Yes.No") == ["Yes", "." + MARK, "No"]


def test_two_words_that_touch_are_marked_at_the_second() -> None:
    assert tokenize("यू.एस.च्या") == ["यू.एस.", MARK + "च्या"]


def test_blank_text_has_no_tokens() -> None:
    assert tokenize(" \u200b\t") == []
    assert detokenize([]) == ""


@pytest.mark.parametrize(
    "text",
    [MARK, MARK * 3, f"a{MARK}", f"{MARK}a", f"a {MARK} b", f"{MARK}!", "<mark>", f"<mark>{MARK}", f"{MARK}\u0301 x"],
)
def test_a_text_that_contains_the_mark_itself_comes_back_unchanged(text: str) -> None:
    assert detokenize(tokenize(text)) == text


def test_a_mark_in_the_text_and_the_word_mark_in_angle_brackets_have_different_tokens() -> None:
    assert tokenize(MARK) == ["<mark>"]
    assert "<mark>" not in tokenize("<mark>")


@settings(max_examples=1000)
@given(TEXTS)
def test_tokens_join_into_the_normalised_text_they_came_from(text: str) -> None:
    assert detokenize(tokenize(text)) == normalise(text)


@settings(max_examples=300)
@given(TEXTS)
def test_no_token_is_empty_or_a_bare_mark_or_contains_white_space(text: str) -> None:
    for token in tokenize(text):
        assert token.split() == [token]
        assert without_mark(token)


@settings(max_examples=300)
@given(TEXTS)
def test_tokens_without_their_marks_are_the_text_without_its_spaces(text: str) -> None:
    text = text.replace(MARK, "")
    assert "".join(map(without_mark, tokenize(text))) == normalise(text).replace(" ", "")


@settings(max_examples=300)
@given(WORDS)
def test_no_token_inside_a_word_begins_with_a_sign_that_belongs_to_the_letter_before(word: str) -> None:
    for token in tokenize(word)[1:]:
        first = without_mark(token)[0]
        assert not unicodedata.category(first).startswith("M")
        assert first not in "\u200c\u200d"


@settings(max_examples=300)
@given(st.lists(st.tuples(PLAIN_WORDS, st.sampled_from([" ", ", ", "! ", "? ", "। ", "; ", "... "])), min_size=1))
def test_usually_spaced_words_and_punctuation_contain_no_marks(sentence: list[tuple[str, str]]) -> None:
    assert not any(MARK in token for token in tokenize("".join(word + after for word, after in sentence)))


@pytest.mark.parametrize(
    ("name", "every"),
    [*sample([("hin", 1), ("mar", 1), ("fra", 1)], 3), ("mar", 9)],
)
def test_the_sentences_of_a_real_corpus_survive_both_ways_of_splitting(name: str, every: int) -> None:
    lines = corpus_lines(name)[::every]
    assert [line for line in lines if detokenize(tokenize(line)) != normalise(line)] == []
    assert [line for line in lines[::10] if join_graphemes(graphemes(line)) != normalise(line)] == []


@pytest.mark.parametrize(("name", "most"), [("hin", 0.01), ("mar", 0.0005)])
def test_hardly_any_sentence_of_a_real_corpus_contains_a_mark(name: str, most: float) -> None:
    lines = corpus_lines(name)
    marked = sum(any(MARK in token for token in tokenize(line)) for line in lines)
    assert marked <= most * len(lines)


def test_a_model_may_hand_in_any_tokens_and_still_gets_text() -> None:
    assert detokenize(["<unk>", "is", "here", ",", '"', "(", MARK + "x", ".", "."]) == '<unk> is here, "( x..'


# Grapheme clusters


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("Go on", ["G", "o", " ", "o", "n"]),
        ("हिन्दी", ["हि", "न्दी"]),
        ("क्षत्रिय", ["क्ष", "त्रि", "य"]),
        ("स्त्री", ["स्त्री"]),
        ("ज़्यादा", ["ज़्या", "दा"]),
        ("हूँ", ["हूँ"]),
        ("दर्\u200dया", ["द", "र्\u200dया"]),
        ("अ\u200dॅप", ["अ\u200dॅ", "प"]),
        ("e\u0301🇮🇳👍🏽", ["é", "🇮🇳", "👍🏽"]),
    ],
)
def test_a_cluster_is_what_a_reader_takes_for_one_letter(text: str, clusters: list[str]) -> None:
    assert graphemes(text) == clusters


def test_a_space_stays_a_cluster_of_its_own_before_a_combining_mark_and_after_a_prefix_sign() -> None:
    assert graphemes("a \u0301b") == ["a", " ", "\u0301", "b"]
    assert graphemes("\u0600 a") == ["\u0600", " ", "a"]


@settings(max_examples=300)
@given(TEXTS)
def test_clusters_join_into_the_normalised_text_and_hold_no_space_but_alone(text: str) -> None:
    clusters = graphemes(text)
    assert join_graphemes(clusters) == normalise(text)
    assert all(cluster == " " or cluster.split() == [cluster] for cluster in clusters)


@given(CONSONANTS, st.sampled_from(["\u094d", "\u094d\u200d"]), st.sampled_from(["", "ा", "ि", "ुँ", "ें", "\u094d"]))
def test_consonants_joined_by_viramas_are_one_cluster_with_their_vowel_sign(
    consonants: list[str], virama: str, ending: str
) -> None:
    conjunct = virama.join(consonants) + ending
    assert graphemes("अ" + conjunct + " ग") == ["अ", conjunct, " ", "ग"]
