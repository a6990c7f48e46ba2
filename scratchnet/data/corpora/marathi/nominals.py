"""Marathi nominals: pronouns, nouns with all that stands before them, case endings and places.

Case endings are written in one word with their noun (घरात, मुलांना, त्याच्याबरोबर); all that stands before such a noun
is in the oblique case (या मोठ्या घरात).

Read next: sentences.py.
"""

from scratchnet.data.corpora.lemmas import ANIMALS, SEXES, can_own
from scratchnet.data.corpora.marathi import words
from scratchnet.data.corpora.marathi.verbs import Agreement, inflected
from scratchnet.data.corpora.marathi.words import Noun
from scratchnet.data.corpora.meaning import ADDRESSEES, POSSESSIVES, Adjunct, Clause, Nominal, person

INTIMATE = frozenset({"friend", "son", "daughter"})
"""Forms of address that go with तू; all others go with तुम्ही."""
LONG = frozenset({"letter", "story", "poem", "song"})


class Speaker:
    """Say the nominals of one clause: its subject decides on आपला, its hearer on तू and its mood on एक."""

    def __init__(self, clause: Clause) -> None:
        self.clause = clause
        self.hearer = "तू" if clause.addressee in INTIMATE else "तुम्ही"
        self.assertive = not clause.negative and clause.question != "yes-no"

    def agreement(self, meant: Nominal) -> Agreement:
        """Return what a verb or an adjective that agrees with the nominal needs to know."""
        if meant.noun == "you":
            return Agreement(2, ADDRESSEES[self.clause.addressee][1], self.hearer == "तुम्ही")
        if meant.noun in words.PRONOUNS:
            gender = "n" if meant.noun == "what" else SEXES.get(meant.noun, "m")
            return Agreement(person(meant), gender, meant.noun in ("we", "they"))
        if meant.noun in words.DEMONSTRATIVES:
            named = self.clause.identity
            gender = "n" if named is None or named.noun == "what" else self.noun(named).gender
            return Agreement(3, gender, meant.plural)
        plural = meant.plural or meant.noun in words.HONOURED
        return Agreement(3, "n" if plural and meant.noun in words.NEUTER_PLURALS else self.noun(meant).gender, plural)

    def noun(self, meant: Nominal) -> Noun:
        """Return the forms of a noun; what one eats is called otherwise when a shop sells it or an animal eats it."""
        if meant.noun == "food" and self.clause.verb == "eat" and self.clause.subject.noun in ANIMALS:
            return words.OF_ANIMALS
        if meant.noun == "rice" and self._is_raw(meant):
            return words.RAW_RICE
        return words.NOUNS[meant.noun]

    def _is_raw(self, rice: Nominal) -> bool:
        """Return whether rice is meant that nobody has cooked yet."""
        bought = self.clause.verb == "buy" and rice.adjective not in ("hot", "cold")
        return bought or self.clause.quality in ("cheap", "expensive")

    def direct(self, meant: Nominal) -> str:
        """Say a nominal as a subject, or as an object that nothing marks."""
        pronoun = self.pronoun(meant)
        if pronoun:
            return pronoun
        agreement = self.agreement(meant)
        if meant.noun in words.DEMONSTRATIVES:
            return words.DEMONSTRATIVES[meant.noun][agreement.gender, agreement.plural]
        noun = self.noun(meant)
        return self.qualified(meant, noun.plural if agreement.plural else noun.singular, agreement)

    def agent(self, meant: Nominal) -> str:
        """Say a nominal with ने or नी, which the first and second person do without."""
        pronoun = self.pronoun(meant)
        return words.AGENTS[pronoun] if pronoun else self.marked(meant, "नी" if self.agreement(meant).plural else "ने")

    def dative(self, meant: Nominal) -> str:
        """Say a nominal with ला or ना."""
        pronoun = self.pronoun(meant)
        return words.DATIVES[pronoun] if pronoun else self.marked(meant, "ना" if self.agreement(meant).plural else "ला")

    def marked(self, meant: Nominal, ending: str) -> str:
        """Say a nominal with an ending that is the same in singular and plural: त, शी, कडे, वर, बरोबर, ..."""
        pronoun = self.pronoun(meant)
        if pronoun == words.PRONOUNS["who"]:
            return "कोणा" + ending
        if pronoun:
            return inflected(words.GENITIVES[pronoun], "m", False, True) + ending
        agreement, noun = self.agreement(meant), self.noun(meant)
        stem = noun.oblique_plural if agreement.plural else noun.oblique
        if ending == "त":
            stem = words.LOCATIVES.get(meant.noun, stem)
        return self.qualified(meant, stem + ending, agreement, True)

    def genitive(self, owner: Nominal, owned: Agreement, oblique: bool = False) -> str:
        """Say whose it is, in agreement with what is owned."""
        pronoun = self.pronoun(owner)
        said = words.GENITIVES[pronoun] if pronoun else self.marked(owner, "चा")
        return inflected(said, owned.gender, owned.plural, oblique)

    def adjunct(self, meant: Adjunct) -> str:
        """Say a place or company."""
        if meant.nominal is None:
            return words.PLACES[meant.relation]
        if meant.nominal.noun == "home":
            return words.AT_HOME[meant.relation]
        usual = words.RELATIONS[meant.relation]
        if meant.nominal.noun == "station":
            usual = words.AT_STATION.get(meant.relation, usual)
        elif meant.nominal.noun in words.TOWNS:
            usual = words.AT_TOWN.get(meant.relation, usual)
        return self.marked(meant.nominal, usual)

    def pronoun(self, meant: Nominal) -> str:
        """Return a personal or question pronoun in its direct form, or nothing for a noun."""
        return self.hearer if meant.noun == "you" else words.PRONOUNS.get(meant.noun, "")

    def adjective(self, lemma: str, noun: str, agreement: Agreement, oblique: bool = False) -> str:
        """Say an adjective in agreement."""
        word = words.LONG_TEXT if lemma == "long" and noun in LONG else words.ADJECTIVES[lemma]
        return inflected(word, agreement.gender, agreement.plural, oblique)

    def qualified(
        self, meant: Nominal, noun: str, agreement: Agreement, oblique: bool = False, predicate: bool = False
    ) -> str:
        """Put owner, determiner and adjective in front of an inflected noun."""
        parts = [self.genitive(meant.of, agreement, oblique) if meant.of is not None else ""]
        parts.append(self._determiner(meant, agreement, oblique, predicate))
        if meant.adjective:
            parts.append(self.adjective(meant.adjective, meant.noun, agreement, oblique))
        return " ".join(part for part in (*parts, noun) if part)

    def _determiner(self, meant: Nominal, agreement: Agreement, oblique: bool, predicate: bool) -> str:
        """Say the determiner of a noun; "the" says nothing."""
        lemma = meant.determiner
        if lemma in POSSESSIVES:
            return inflected(self._possessive(meant, predicate), agreement.gender, agreement.plural, oblique)
        if lemma in words.DEMONSTRATIVES:
            forms = words.DEMONSTRATIVES[lemma]
            return words.OBLIQUE_DEMONSTRATIVES[lemma] if oblique else forms[agreement.gender, agreement.plural]
        if lemma == "whose":
            return inflected(words.GENITIVES["कोण"], agreement.gender, agreement.plural, oblique)
        if lemma == "a":
            return "" if predicate or not self.assertive else "एका" if oblique else "एक"
        return words.DETERMINERS.get(lemma, "")

    def _possessive(self, meant: Nominal, predicate: bool) -> str:
        """Return the possessive of a determiner, before agreement."""
        subject = self.clause.subject
        own = can_own(subject, meant.determiner) and not predicate and meant is not subject
        if own and person(subject) == 3 and self.clause.verb != "exist":
            return words.OWN_OF_WHOM if subject.noun == "who" else words.OWN
        return words.GENITIVES[self.pronoun(Nominal(POSSESSIVES[meant.determiner]))]
