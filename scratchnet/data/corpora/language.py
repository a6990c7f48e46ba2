"""What the concrete syntaxes share: the order of greeting, form of address and clause, and how word lists are written.

Read next: lemmas.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from unicodedata import normalize

from scratchnet.data.corpora.meaning import Clause, Meaning, Phrase
from scratchnet.data.corpora.phrases import translation


@dataclass(frozen=True, slots=True)
class Language:
    """Hold what tells one language from another when a whole sentence is put together.

    Args:
        code: the language's column in `phrases.tsv`, such as "hi".
        hello: the greeting in front of a phrase.
        addressees: form of address of `ADDRESSEES` -> its word in this language.
        full_stop: what ends a statement.
        clause: returns the words of a clause, without form of address and final punctuation; empty ones are dropped.
    """

    code: str
    hello: str
    addressees: Mapping[str, str]
    full_stop: str
    clause: Callable[[Clause], list[str]]

    def linearise(self, meaning: Meaning) -> str:
        """Return a meaning as one sentence with its final punctuation, such as "does sita read the red book?".

        Raises:
            InputError: a fixed phrase that has no row in phrases.tsv.
        """
        address = f"{self.addressees[meaning.addressee]}, " if meaning.addressee else ""
        if isinstance(meaning, Phrase):
            hello = self.hello + (" " if meaning.addressee else ", ")
            return (hello if meaning.hello else "") + address + translation(meaning.key, self.code)
        said = " ".join(part for part in self.clause(meaning) if part)
        return address + said + ("?" if meaning.question else self.full_stop)


def word_list(text: str) -> dict[str, str]:
    """Return lemma -> word of entries such as "book किताब" between commas; an underscore in a lemma is a space."""
    entries = (entry.split() for entry in normalize("NFC", text).split(","))
    return {lemma.replace("_", " "): " ".join(words) for lemma, *words in entries}
