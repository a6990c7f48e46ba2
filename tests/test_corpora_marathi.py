"""Marathi: sentences translated by hand, the rules of agreement one by one, and what holds for every sentence."""

from dataclasses import replace
from unicodedata import is_normalized

import pytest
import regex  # type: ignore[import-untyped, unused-ignore]
from marathi_gold import GOLD

from scratchnet.data.corpora import english, lemmas
from scratchnet.data.corpora.clauses.enumeration import ADDRESSED, TEMPLATES, addressed, enumerate_clauses, sensible
from scratchnet.data.corpora.clauses.sampling import Sampler
from scratchnet.data.corpora.marathi import linearise
from scratchnet.data.corpora.marathi import words as marathi_words
from scratchnet.data.corpora.marathi.sentences import ACTIONS
from scratchnet.data.corpora.marathi.verbs import Agreement, bare, copula, finite, inflected, personal, present
from scratchnet.data.corpora.marathi.words import GENDERS, NOUNS
from scratchnet.data.corpora.meaning import ADDRESSEES, Adjunct, Clause, Phrase
from scratchnet.data.corpora.meaning import Nominal as N
from scratchnet.data.corpora.phrases import enumerate_phrases
from scratchnet.errors import InputError

THIRD = [Agreement(3, gender, plural) for plural in (False, True) for gender in GENDERS]
ME, WE = Agreement(1), Agreement(1, plural=True)
THOU, THOU_WOMAN, YOU, THEY = Agreement(2), Agreement(2, "f"), Agreement(2, plural=True), Agreement(3, plural=True)


@pytest.fixture(scope="module")
def sentences() -> dict[str, str]:
    """Return English -> Marathi of all clauses."""
    return {said: linearise(clause) for said, clause in enumerate_clauses().items()}


@pytest.mark.parametrize(("meant", "said"), GOLD, ids=[english.linearise(meant) for meant, _ in GOLD])
def test_a_meaning_is_said_as_a_speaker_of_marathi_would(meant: Clause, said: str) -> None:
    assert linearise(meant) == said


def test_adjectives_in_aa_have_six_forms_and_an_oblique() -> None:
    assert " ".join(inflected("मोठा", who.gender, who.plural) for who in THIRD) == "मोठा मोठी मोठे मोठे मोठ्या मोठी"
    assert {inflected("मोठा", who.gender, who.plural, oblique=True) for who in THIRD} == {"मोठ्या"}


def test_other_adjectives_never_change() -> None:
    forms = {inflected("लहान", who.gender, who.plural, oblique) for who in THIRD for oblique in (False, True)}
    assert forms == {"लहान"}


def test_an_r_before_y_is_written_as_eyelash() -> None:
    assert inflected("पांढरा", "f", True) == "पांढ\u0931\u094dया"
    assert NOUNS["farmer"].oblique == "शेतक\u0931\u094dया"


def test_the_present_agrees_in_person_gender_and_number() -> None:
    assert " ".join(present("जा", who) for who in (ME, WE, THOU, THOU_WOMAN, YOU)) == "जातो जातो जातोस जातेस जाता"
    assert " ".join(present("जा", who) for who in THIRD) == "जातो जाते जाते जातात जातात जातात"


def test_the_intransitive_past_agrees_with_the_subject() -> None:
    assert " ".join(personal("गेल", who) for who in (ME, WE, THOU, THOU_WOMAN, YOU)) == "गेलो गेलो गेलास गेलीस गेलात"
    assert " ".join(personal("गेल", who) for who in THIRD) == "गेला गेली गेले गेले गेल्या गेली"


def test_the_ending_of_the_second_person_moves_to_the_negative() -> None:
    said = [finite("जा", "past", who, negative=True) for who in (ME, THOU, THOU_WOMAN, YOU, THEY)]
    assert said == ["गेलो नाही", "गेला नाहीस", "गेली नाहीस", "गेला नाहीत", "गेले नाहीत"]


def test_the_transitive_past_agrees_with_the_object() -> None:
    assert " ".join(finite("खा", "past", ME, patient=what) for what in THIRD) == "खाल्ला खाल्ली खाल्ले खाल्ले खाल्ल्या खाल्ली"
    assert " ".join(finite("कर", "past", THOU, patient=what) for what in THIRD[:3]) == "केलास केलीस केलेस"
    assert finite("कर", "past", ME, negative=True, patient=THIRD[4]) == "केल्या नाहीत"


@pytest.mark.parametrize(
    ("stem", "forms"),
    [
        ("कर", "करेन करू करशील कराल करेल करतील"),
        ("जा", "जाईन जाऊ जाशील जाल जाईल जातील"),
        ("ये", "येईन येऊ येशील याल येईल येतील"),
        ("दे", "देईन देऊ देशील द्याल देईल देतील"),
        ("पि", "पिईन पिऊ पिशील प्याल पिईल पितील"),
        ("लिहि", "लिहीन लिहू लिहिशील लिहाल लिहील लिहितील"),
        ("राह", "राहीन राहू राहशील राहाल राहील राहतील"),
    ],
)
def test_the_future_has_a_form_for_each_person(stem: str, forms: str) -> None:
    assert [finite(stem, "future", who) for who in (ME, WE, THOU, YOU, THIRD[0], THEY)] == forms.split()


def test_the_copula_agrees_in_all_its_four_shapes() -> None:
    persons = (ME, WE, THOU, YOU, THIRD[0], THEY)
    assert " ".join(copula(who) for who in persons) == "आहे आहोत आहेस आहात आहे आहेत"
    assert " ".join(copula(who, negative=True) for who in persons) == "नाही नाही नाहीस नाही नाही नाहीत"
    assert " ".join(copula(who, past=True) for who in persons) == "होतो होतो होतास होतात होता होते"
    assert copula(THIRD[4], past=True, negative=True) == "नव्हत्या"
    assert bare("झोपल", YOU) == "झोपला"


@pytest.mark.parametrize(
    ("owner", "marked"),
    [
        (N("house", "this"), "या घरात"),
        (N("school", "that"), "त्या शाळेत"),
        (N("garden", "our", "big"), "आमच्या मोठ्या बागेत"),
        (N("village", "a"), "एका गावात"),
        (N("room", "my", "white"), "माझ्या पांढऱ्या खोलीत"),
    ],
)
def test_all_that_stands_before_a_case_ending_is_oblique(owner: N, marked: str) -> None:
    assert linearise(Clause("be", N("i"), adjunct=Adjunct("in", owner))) == f"मी {marked} आहे."


@pytest.mark.parametrize("addressee", ADDRESSEES)
def test_only_friends_sons_and_daughters_are_called_tu(addressee: str) -> None:
    said = linearise(Clause("be", N("you"), identity=N("who"), question="who", addressee=addressee))
    assert said.endswith("तू कोण आहेस?" if addressee in ("friend", "son", "daughter") else "तुम्ही कोण आहात?")


def test_a_phrase_has_its_greeting_and_its_form_of_address_before_it() -> None:
    assert linearise(Phrase("thank you.", "sir")) == "साहेब, धन्यवाद."
    assert linearise(Phrase("please help me.", "madam", hello=True)) == "नमस्कार मॅडम, कृपया मला मदत करा."


def test_an_unknown_phrase_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match=r"no phrase 'thank me\."):
        linearise(Phrase("thank me."))


def test_every_lemma_has_a_marathi_word() -> None:
    qualities = {quality for suit in lemmas.QUALITIES.values() for quality in suit} | set(lemmas.STATES)
    things = {thing for suit in lemmas.VERBS.values() for thing in suit} | lemmas.QUALITIES.keys()
    people = lemmas.NAMES.keys() | lemmas.PEOPLE.keys() | lemmas.KIN.keys()
    assert ACTIONS.keys() == lemmas.VERBS.keys()
    assert qualities - {"hungry"} <= marathi_words.ADJECTIVES.keys()
    assert things | people | set(lemmas.ANIMALS) | set(lemmas.CITIES) <= NOUNS.keys()
    assert {time for times in lemmas.TIMES.values() for time in times} <= marathi_words.TIMES.keys()


def test_every_sentence_is_devanagari_in_normal_form_c(sentences: dict[str, str]) -> None:
    shape = regex.compile(r"[\p{Deva}&&[^।॥]]+(,? [\p{Deva}&&[^।॥]]+)*[.?!]", regex.V1)
    for said in (*sentences.values(), *map(linearise, enumerate_phrases())):
        assert is_normalized("NFC", said) and shape.fullmatch(said), said


def test_questions_and_only_questions_end_in_a_question_mark(sentences: dict[str, str]) -> None:
    assert all(said.endswith("?") == source.endswith("?") for source, said in sentences.items())


def test_meanings_that_english_does_not_tell_apart_are_the_same_in_marathi(sentences: dict[str, str]) -> None:
    met = 0
    for number, (template, quota) in enumerate(TEMPLATES):
        sampler = Sampler(7000 + number)
        for _ in range(quota // 8):
            clause = template(sampler)
            if clause is None or not sensible(clause):
                continue
            if addressed(clause) and not clause.addressee:
                clause = replace(clause, addressee=sampler.draw(ADDRESSED))
            source = english.linearise(clause)
            met += source in sentences
            assert linearise(clause) == sentences.get(source, linearise(clause)), source
    assert met > 250


def test_the_vocabulary_is_small_enough_to_learn(sentences: dict[str, str]) -> None:
    words = {word for said in sentences.values() for word in said.rstrip(".?!").replace(",", "").split()}
    assert 450 <= len(words) <= 1100
