"""The embedded English to Hindi corpus: its grammar sentence by sentence, its size, its split."""

import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from unicodedata import is_normalized

import pytest

from scratchnet.data import CORPORA, Corpus, load_corpus
from scratchnet.data.corpora import english, hindi, make_corpus
from scratchnet.data.corpora.clauses.enumeration import TEMPLATES, likely, sensible
from scratchnet.data.corpora.clauses.sampling import Sampler
from scratchnet.data.corpora.kept_pairs import Pairs, kept_or_made
from scratchnet.data.corpora.lemmas import can_own
from scratchnet.data.corpora.meaning import Adjunct, Clause, Meaning, Nominal, Phrase
from scratchnet.data.corpora.phrases import FRONTS, enumerate_phrases, table, translation
from scratchnet.data.corpora.split import TEST_SIZE, VALIDATION_SIZE, content, split_meanings
from scratchnet.errors import InputError

N, A, C = Nominal, Adjunct, Clause
ME, YOU, HE, SHE, WE, THEY = (N(pronoun) for pronoun in ("i", "you", "he", "she", "we", "they"))
RAVI, SITA, WHO, WHAT = N("ravi"), N("sita"), N("who"), N("what")
BOOK, BOOKS = N("book", "the"), N("book", "two", "", True)
BOY, BOYS, GIRLS = N("boy", "the"), N("boy", "the", "", True), N("girl", "that", "", True)
GARDEN, HOME = A("in", N("garden", "the")), A("to", N("home"))

GOLD: list[tuple[Meaning, str, str]] = [
    # the verb agrees with its subject in the habitual, the progressive, the future and with "can"
    (
        C("read", SITA, N("book", "the", "red"), question="yes-no"),
        "does sita read the red book?",
        "क्या सीता लाल किताब पढ़ती है?",
    ),
    (C("drink", ME, N("tea")), "i drink tea.", "मैं चाय पीता हूँ।"),
    (C("sleep", GIRLS, time="now", tense="progressive"), "those girls are sleeping now.", "वे लड़कियाँ अभी सो रही हैं।"),
    (C("go", THEY, adjunct=HOME, tense="future"), "they will go home.", "वे घर जाएँगे।"),
    (C("go", ME, adjunct=HOME, tense="future", negative=True), "i will not go home.", "मैं घर नहीं जाऊँगा।"),
    (
        C("repair", SHE, N("car", "this"), tense="can", negative=True),
        "she cannot repair this car.",
        "वह यह गाड़ी ठीक नहीं कर सकती है।",
    ),
    (C("eat", WE, N("rice"), negative=True), "we do not eat rice.", "हम चावल नहीं खाते हैं।"),
    # the perfective: ne and agreement with the object, masculine singular with a marked one, the subject without ne
    (C("read", SITA, N("newspaper", "a"), tense="past"), "sita read a newspaper.", "सीता ने एक अख़बार पढ़ा।"),
    (C("buy", BOYS, BOOKS, tense="past"), "the boys bought two books.", "लड़कों ने दो किताबें ख़रीदीं।"),
    (C("open", ME, N("door", "the", "", True), tense="past"), "i opened the doors.", "मैंने दरवाज़े खोले।"),
    (C("see", BOY, N("girl", "the"), tense="past"), "the boy saw the girl.", "लड़के ने लड़की को देखा।"),
    (C("see", THEY, ME, tense="past"), "they saw me.", "उन्होंने मुझे देखा।"),
    (C("come", SITA, tense="past", time="yesterday"), "sita came yesterday.", "सीता कल आई।"),
    (C("go", GIRLS, adjunct=HOME, tense="past"), "those girls went home.", "वे लड़कियाँ घर गईं।"),
    (C("talk", HE, SHE, tense="past"), "he talked to her.", "उसने उससे बात की।"),
    (C("wait", RAVI, N("teacher", "the"), tense="past"), "ravi waited for the teacher.", "रवि ने अध्यापक का इंतज़ार किया।"),
    (C("help", RAVI, ME, tense="past", negative=True), "ravi did not help me.", "रवि ने मेरी मदद नहीं की।"),
    (C("clean", HE, N("room", "the"), tense="past"), "he cleaned the room.", "उसने कमरा साफ़ किया।"),
    (C("live", SITA, adjunct=A("in", N("delhi")), tense="past"), "sita lived in delhi.", "सीता दिल्ली में रहती थी।"),
    (
        C("use", SHE, N("phone", "a"), tense="past", negative=True),
        "she did not use a phone.",
        "उसने किसी फ़ोन का इस्तेमाल नहीं किया।",
    ),
    # politeness and the gender of the hearer
    (C("read", YOU, BOOK, question="yes-no"), "do you read the book?", "क्या आप किताब पढ़ते हैं?"),
    (
        C("read", YOU, BOOK, question="yes-no", addressee="madam"),
        "madam, do you read the book?",
        "मैडम, क्या आप किताब पढ़ती हैं?",
    ),
    (
        C("come", YOU, tense="future", question="when", addressee="sister"),
        "sister, when will you come?",
        "बहन, तुम कब आओगी?",
    ),
    (
        C("eat", YOU, WHAT, tense="past", question="what", addressee="son"),
        "son, what did you eat?",
        "बेटा, तूने क्या खाया?",
    ),
    (
        C("be", YOU, adjunct=GARDEN, tense="past", addressee="friend"),
        "friend, you were in the garden.",
        "दोस्त, तुम बग़ीचे में थे।",
    ),
    # question words stand before the verb
    (C("open", WHO, N("window", "the"), tense="past", question="who"), "who opened the window?", "खिड़की किसने खोली?"),
    (C("go", YOU, tense="progressive", question="where"), "where are you going?", "आप कहाँ जा रहे हैं?"),
    (
        C("close", BOY, N("door", "the"), tense="past", question="why"),
        "why did the boy close the door?",
        "लड़के ने दरवाज़ा क्यों बंद किया?",
    ),
    (C("help", WHO, SITA, question="who"), "who helps sita?", "सीता की मदद कौन करता है?"),
    (
        C("buy", RAVI, N("mango", "how many", "", True), tense="past", question="how many"),
        "how many mangoes did ravi buy?",
        "रवि ने कितने आम ख़रीदे?",
    ),
    (C("be", N("mother", "your"), question="how"), "how is your mother?", "आपकी माँ कैसी हैं?"),
    (
        C("be", N("this", plural=True), identity=N("book", "whose", "", True), question="whose"),
        "whose books are these?",
        "ये किसकी किताबें हैं?",
    ),
    (C("be", N("girl", "that"), identity=WHO, question="who"), "who is that girl?", "वह लड़की कौन है?"),
    (C("be", WHO, adjunct=GARDEN, question="who"), "who is in the garden?", "बग़ीचे में कौन है?"),
    # being, gender of professions, respect, adjectives that agree and adjectives that do not
    (C("be", N("house", "the", "red"), quality="big"), "the red house is big.", "लाल घर बड़ा है।"),
    (C("be", N("shirt", "this", "", True), quality="new", tense="past"), "these shirts were new.", "ये क़मीज़ें नई थीं।"),
    (C("be", SITA, identity=N("teacher", "a")), "sita is a teacher.", "सीता अध्यापिका है।"),
    (C("be", SITA, identity=N("friend", "my"), negative=True), "sita is not my friend.", "सीता मेरी दोस्त नहीं है।"),
    (C("be", YOU, identity=N("friend", "our")), "you are our friend.", "आप हमारे दोस्त हैं।"),
    (
        C("be", YOU, identity=N("son", "my"), negative=True, addressee="friend"),
        "friend, you are not my son.",
        "दोस्त, तुम मेरे बेटे नहीं हो।",
    ),
    (C("be", YOU, identity=N("friend", "her"), addressee="son"), "son, you are her friend.", "बेटा, तू उसका दोस्त है।"),
    (
        C("be", N("father", "my"), identity=N("doctor", "a", "good")),
        "my father is a good doctor.",
        "मेरे पिता अच्छे डॉक्टर हैं।",
    ),
    (C("be", N("father", "my"), quality="hungry", very=True), "my father is very hungry.", "मेरे पिता बहुत भूखे हैं।"),
    (C("be", BOOK, adjunct=A("on", N("table", "the"))), "the book is on the table.", "किताब मेज़ पर है।"),
    (
        C("be", N("window", "the", "", True, N("room", "this")), quality="white"),
        "the windows of this room are white.",
        "इस कमरे की खिड़कियाँ सफ़ेद हैं।",
    ),
    # having, there being, wanting, liking agree with the thing
    (C("have", ME, BOOKS), "i have two books.", "मेरे पास दो किताबें हैं।"),
    (C("have", RAVI, N("sister", "a")), "ravi has a sister.", "रवि की एक बहन है।"),
    (
        C("have", N("child", "that", "", True), N("toy", "a"), negative=True),
        "those children do not have a toy.",
        "उन बच्चों के पास कोई खिलौना नहीं है।",
    ),
    (
        C("exist", N("key", "a"), adjunct=A("under", N("chair", "my")), tense="past"),
        "there was a key under my chair.",
        "मेरी कुर्सी के नीचे एक चाबी थी।",
    ),
    (
        C("exist", N("cat", "a"), adjunct=GARDEN, negative=True),
        "there is no cat in the garden.",
        "बग़ीचे में कोई बिल्ली नहीं है।",
    ),
    (
        C("exist", N("woman", "a"), adjunct=A("in", N("garden", "her"))),
        "there is a woman in her garden.",
        "उसके बग़ीचे में एक औरत है।",
    ),
    (C("want", SITA, N("umbrella", "a"), tense="past"), "sita wanted an umbrella.", "सीता को एक छाता चाहिए था।"),
    (C("want", WE, N("apple", "three", "", True)), "we want three apples.", "हमें तीन सेब चाहिए।"),
    (C("like", SHE, N("flower", "", "red", True)), "she likes red flowers.", "उसे लाल फूल पसंद हैं।"),
    # possessives: one's own, another's; oblique forms; recipients
    (C("read", SITA, N("book", "her")), "sita reads her book.", "सीता अपनी किताब पढ़ती है।"),
    (C("read", SITA, N("book", "his")), "sita reads his book.", "सीता उसकी किताब पढ़ती है।"),
    (C("give", ME, N("milk"), N("child", "this")), "i give milk to this child.", "मैं इस बच्चे को दूध देता हूँ।"),
    (
        C("give", THEY, N("cup", "a"), YOU, tense="past", addressee="son"),
        "son, they gave a cup to you.",
        "बेटा, उन्होंने तुझे एक प्याला दिया।",
    ),
    (
        C("come", WE, adjunct=A("with", N("brother", "our", "", True))),
        "we come with our brothers.",
        "हम अपने भाइयों के साथ आते हैं।",
    ),
    (C("come", HE, adjunct=A("from", N("village", "that"))), "he comes from that village.", "वह उस गाँव से आता है।"),
    # fixed phrases
    (Phrase("nice to meet you.", "sir", True), "hello sir, nice to meet you.", "नमस्ते सर, आपसे मिलकर ख़ुशी हुई।"),
    (Phrase("thank you."), "thank you.", "धन्यवाद।"),
]


def tokens(sentence: str) -> list[str]:
    return re.findall(r"[^\s।.,?!]+|[।.,?!]", sentence)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus("en-hi")


@pytest.mark.parametrize(("meaning", "expected"), [(meaning, said) for meaning, said, _ in GOLD])
def test_english_says_what_is_meant(meaning: Meaning, expected: str) -> None:
    assert english.linearise(meaning) == expected


@pytest.mark.parametrize(("meaning", "expected"), [(meaning, said) for meaning, _, said in GOLD])
def test_hindi_says_what_is_meant(meaning: Meaning, expected: str) -> None:
    assert hindi.linearise(meaning) == expected


def test_the_training_set_has_at_least_thirty_thousand_distinct_pairs(corpus: Corpus) -> None:
    assert len(set(corpus.train)) >= 30_000


def test_validation_and_test_sets_are_large_enough_to_measure_one_sentence_in_a_thousand(corpus: Corpus) -> None:
    assert VALIDATION_SIZE * 0.99 <= len(corpus.validation) <= VALIDATION_SIZE
    assert 1_000 <= len(corpus.test) <= TEST_SIZE


def test_every_english_sentence_occurs_once_in_the_whole_corpus(corpus: Corpus) -> None:
    counts = Counter(source for source, _ in corpus.pairs)
    assert not [source for source, count in counts.items() if count > 1]


def test_no_english_sentence_means_two_things() -> None:
    meant: dict[str, Clause] = {}
    for template, _ in TEMPLATES:
        sampler = Sampler(9)
        for clause in filter(None, (template(sampler) for _ in range(400))):
            assert not sensible(clause) or meant.setdefault(english.linearise(clause), clause) == clause


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (C("be", ME, identity=N("son", "your"), addressee="son"), False),
        (C("be", N("this"), identity=N("daughter", "your"), addressee="sister"), False),
        (C("be", YOU, identity=N("brother", "her"), addressee="madam"), False),
        (C("be", YOU, identity=N("brother", "her"), addressee="sir"), True),
        (C("be", YOU, identity=N("friend", "her"), addressee="sister"), True),
        (C("live", SITA, adjunct=GARDEN, time="today"), False),
        (C("live", SITA, adjunct=GARDEN), True),
        (C("write", SITA, N("letter", "the", "old")), False),
        (C("write", SITA, N("letter", "the", "new")), True),
        (C("sleep", N("horse", "the"), adjunct=A("under", N("table", "the"))), False),
        (C("sleep", N("horse", "the"), adjunct=A("under", N("tree", "the"))), True),
    ],
)
def test_what_nobody_would_say_is_not_likely(clause: Clause, expected: bool) -> None:
    assert likely(clause) is expected


def test_the_vocabulary_is_about_five_hundred_words_a_side_and_training_has_all_of_it(corpus: Corpus) -> None:
    for side in (0, 1):
        known = {word for pair in corpus.train for word in tokens(pair[side])}
        assert 430 <= len(known) <= 600
        assert {word for pair in corpus.pairs for word in tokens(pair[side])} == known


def test_outside_the_phrases_every_word_occurs_at_least_eleven_times_in_training(corpus: Corpus) -> None:
    in_phrases = {word for key, row in table().items() for said in row[1:3] for word in tokens(said)} | {"नमस्ते"}
    for side in (0, 1):
        counts = Counter(word for pair in corpus.train for word in tokens(pair[side]))
        assert not {word: count for word, count in counts.items() if count < 11 and word not in in_phrases}


def test_sentences_are_short(corpus: Corpus) -> None:
    lengths = [len(tokens(source)) for source, _ in corpus.pairs]
    assert min(lengths) >= 1 and max(lengths) <= 14
    assert 6 <= sum(lengths) / len(lengths) <= 8


def test_english_is_lower_case_without_apostrophes_and_ends_in_punctuation(corpus: Corpus) -> None:
    bare = {source + "." for source, _ in corpus.train if source[-1] not in ".?!"}  # phrases, also without full stop
    assert bare <= {source for source, _ in corpus.train}
    assert all(re.fullmatch(r"[a-z]+(,? [a-z]+)*[.?!]?", source) for source, _ in corpus.pairs)


def test_hindi_is_devanagari_and_ends_in_danda_or_punctuation(corpus: Corpus) -> None:
    assert all(re.fullmatch(r"[\u0900-\u0963]+(,? [\u0900-\u0963]+)*[।?!]", target) for _, target in corpus.pairs)


def test_all_text_is_in_normalization_form_c(corpus: Corpus) -> None:
    assert all(is_normalized("NFC", side) for pair in corpus.pairs for side in pair)


def test_no_training_or_validation_sentence_has_both_words_of_a_held_out_pair() -> None:
    split = split_meanings()
    clauses = [said for part in (split.train, split.validation) for said in part.values() if isinstance(said, Clause)]
    assert not [c for c in clauses if not split.held_out.isdisjoint(combinations(sorted(content(c)), 2))]


def test_every_test_sentence_has_both_words_of_a_held_out_pair() -> None:
    split = split_meanings()
    words = [sorted(content(said)) for said in split.test.values() if isinstance(said, Clause)]
    assert len(words) == len(split.test)
    assert all(not split.held_out.isdisjoint(combinations(known, 2)) for known in words)


def test_every_test_sentence_has_two_english_words_that_are_together_nowhere_else(corpus: Corpus) -> None:
    together: set[tuple[str, str]] = set()
    for source, _ in corpus.train + corpus.validation:
        together.update(combinations(sorted(set(tokens(source))), 2))
    assert all(set(combinations(sorted(set(tokens(source))), 2)) - together for source, _ in corpus.test)


def test_all_fixed_phrases_are_trained_on(corpus: Corpus) -> None:
    trained = dict(corpus.train)
    for phrase in enumerate_phrases():
        assert trained[english.linearise(phrase)] == hindi.linearise(phrase)


def test_a_phrase_that_the_grammar_can_also_say_is_said_alike() -> None:
    for meaning in (
        C("be", YOU, question="how"),
        C("be", WHO, adjunct=A("there"), question="who"),
        C("come", ME, tense="progressive"),
    ):
        assert translation(english.linearise(meaning), "hi") == hindi.linearise(meaning)


def test_a_sentence_is_the_same_whenever_the_corpus_is_made(corpus: Corpus) -> None:
    split_meanings.cache_clear()
    assert make_corpus("en-hi") == (corpus.train, corpus.validation, corpus.test)  # kept by this process or another


MADE: tuple[Pairs, ...] = ((("how are you?", "आप कैसे हैं?"), ("come", "आओ")), (), (("go", "जाओ"),))


def never() -> tuple[Pairs, ...]:
    raise AssertionError("it is made anew")


def test_what_is_kept_is_read_again_and_made_anew_where_it_is_damaged_or_of_another_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert kept_or_made("en-xx", lambda: MADE) == MADE
    assert kept_or_made("en-xx", never) == MADE
    (file,) = (tmp_path / "scratchnet" / "corpora").iterdir()
    whole = file.read_bytes()
    for damaged in (b"", whole[:-9], whole.replace("आओ".encode(), "जाओ".encode()), b"9" + whole, b"\xff\n"):
        file.write_bytes(damaged)
        assert kept_or_made("en-xx", lambda: MADE) == MADE
        assert file.read_bytes() == whole
    monkeypatch.setattr("scratchnet.data.corpora.kept_pairs.digest_of_texts", lambda: "another")
    with pytest.raises(AssertionError, match="made anew"):
        kept_or_made("en-xx", never)


def test_where_nothing_can_be_kept_a_corpus_is_made_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "file"))
    assert kept_or_made("en-xx", lambda: MADE) == MADE


def test_forms_of_address_put_the_same_phrase_into_several_training_sentences() -> None:
    fronts = {section: len(set(fronts)) for section, fronts in FRONTS.items()}
    assert fronts == {"masculine": 4, "greetings": 8, "polite": 6, "open": 11}


def test_a_possessive_that_can_refer_to_the_subject_does() -> None:
    assert can_own(SITA, "her") and can_own(N("boy", "the", "", True), "their") and can_own(YOU, "your")
    assert not can_own(SITA, "his") and not can_own(RAVI, "their") and not can_own(ME, "our")


def test_an_unknown_corpus_is_refused_with_the_known_names() -> None:
    with pytest.raises(InputError, match=r"'en-fr'; take one of en-hi, en-mr"):
        load_corpus("en-fr")


def test_an_unknown_phrase_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"no phrase 'beam me up\.'"):
        translation("beam me up.", "hi")


def test_a_corpus_names_its_languages(corpus: Corpus) -> None:
    assert (corpus.name, corpus.source_language, corpus.target_language) == ("en-hi", "en", "hi")
    assert corpus.name in CORPORA
    assert corpus.pairs == corpus.train + corpus.validation + corpus.test
