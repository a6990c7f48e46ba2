"""The vocabulary: words or characters and their ids, and the ids of four special tokens.

    id        0        1        2         3       4, 5, 6, ...
    token   <pad>    <unk>   <start>    <end>     the text's own tokens, the most frequent first

PAD fills rows to equal length, UNK stands for every token that the vocabulary does not hold, START and END are put
around a target sentence by batches.py. Of these, `encode` returns UNK only.

Text can never be mistaken for a special token: the tokenizer splits "<end>" into "<", "end" and ">", as characters it
is five tokens, and text is looked up among the ordinary tokens only.

A token that carries a mark of unusual spacing (data/text.py), such as "￭!" in "Wow !", is encoded as plain "!" if
the vocabulary holds only that: an unusual space should not make a word unknown.

Read next: readers.py.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from scratchnet.data.text import detokenize, graphemes, join_graphemes, tokenize, without_mark
from scratchnet.errors import InputError

PAD, UNK, START, END = 0, 1, 2, 3
PAD_TOKEN, UNK_TOKEN, START_TOKEN, END_TOKEN = SPECIAL_TOKENS = ("<pad>", "<unk>", "<start>", "<end>")
UNITS = ("word", "character")


class Vocabulary:
    """An unchanging table of tokens and their ids; sentences go in and out as text."""

    def __init__(self, own_tokens: Sequence[str], unit: str = "word", lowercase: bool = False) -> None:
        """Number the text's own tokens from 4 on, in the order given; most callers want `Vocabulary.build`.

        Raises InputError for an unknown unit, for fewer than two tokens (a model of one word has nothing to learn), and
        for a token no text can yield: empty, repeated, spelled like a special one, or with white space in it, except
        the plain space, which is a character.
        """
        if unit not in UNITS:
            raise InputError(f"a vocabulary's unit is 'word' or 'character', not {unit!r}")
        seen = set(SPECIAL_TOKENS)
        for token_id, token in enumerate(own_tokens, start=len(SPECIAL_TOKENS)):
            if not isinstance(token, str):
                raise InputError(
                    f"vocabulary: token {token_id} is {_shown(token)}, not text; build the vocabulary anew"
                )
            if token in seen:
                raise InputError(
                    f"vocabulary: token {token_id}, {_shown(token)}, occurs twice; build the vocabulary anew"
                )
            if not _can_be_token(token, unit):
                raise InputError(
                    f"vocabulary: token {token_id}, {_shown(token)}, is empty or contains white space; "
                    "build the vocabulary anew"
                )
            seen.add(token)
        if len(own_tokens) < 2:
            found = f"a single {unit}, {_shown(own_tokens[0])}," if own_tokens else f"no {unit}s"
            raise InputError(
                f"a vocabulary of {found} leaves nothing to tell apart; hand in text with two different {unit}s or more"
            )
        self._tokens = (*SPECIAL_TOKENS, *own_tokens)
        self._ids = {token: token_id for token_id, token in enumerate(self._tokens) if token_id > END}
        self._unit = unit
        self._lowercase = lowercase

    @classmethod
    def build(
        cls,
        sentences: Iterable[str],
        unit: str = "word",
        min_count: int = 1,
        max_size: int | None = None,
        lowercase: bool = False,
    ) -> "Vocabulary":
        """Collect the tokens of the sentences, the most frequent first, equally frequent ones by code point.

        `unit` is "word" or "character" (grapheme cluster). Left out are tokens that occur less than `min_count` times,
        and all but the `max_size` most frequent, the special ones not counted. The order of sentences does not matter.
        Raises InputError for sizes of zero or below, an unknown unit, no sentences, and fewer than two tokens.
        """
        if unit not in UNITS:
            raise InputError(f"a vocabulary's unit is 'word' or 'character', not {unit!r}")
        if min_count < 1:
            raise InputError(f"a vocabulary's min_count is {min_count}; it must be 1 or more (1 keeps every {unit})")
        if max_size is not None and max_size < 2:
            raise InputError(f"a vocabulary's max_size is {max_size}; it must be 2 or more, or None for no limit")
        if isinstance(sentences, str):
            raise InputError("a vocabulary is built from a list of sentences, not from one string; hand in [text]")
        counts: Counter[str] = Counter()
        number_of_sentences = 0
        for sentence in sentences:
            counts.update(_split(sentence, unit, lowercase))
            number_of_sentences += 1
        if not number_of_sentences:
            raise InputError("there are no sentences to build a vocabulary from; hand in at least one")
        if not counts:
            raise InputError(
                f"all sentences to build a vocabulary from ({number_of_sentences}) are blank; hand in text"
            )
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        frequent = [token for token, count in ranked if count >= min_count]
        if len(frequent) < 2 <= len(counts):
            raise InputError(
                f"min_count={min_count} leaves {len(frequent)} of {len(counts)} different {unit}s, too few to learn "
                f"from; the second most frequent occurs {ranked[1][1]} times, so lower min_count to that"
            )
        return cls(frequent[:max_size], unit, lowercase)

    def __len__(self) -> int:
        """Return the number of ids, the four special ones included."""
        return len(self._tokens)

    def __eq__(self, other: object) -> bool:
        """Return whether both give every sentence the same ids and every id the same text."""
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return self.to_json() == other.to_json()

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self._ids)} {self._unit}s and {len(SPECIAL_TOKENS)} special tokens>"

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens in the order of their ids: the four special ones, then those of the text."""
        return self._tokens

    @property
    def unit(self) -> str:
        """What a token is: "word" or "character"."""
        return self._unit

    @property
    def lowercase(self) -> bool:
        """Whether `encode` makes text lower case."""
        return self._lowercase

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of a sentence, with UNK for what the vocabulary does not hold and without START and END."""
        return [self._id_of(token) for token in _split(sentence, self._unit, self._lowercase)]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids up to the first END; PAD and START are passed over, UNK reads "<unk>".

        Raises InputError for an id that the vocabulary does not have.
        """
        tokens: list[str] = []
        for token_id in ids:
            if not 0 <= token_id < len(self._tokens):
                raise InputError(
                    f"id {token_id} is not in a vocabulary of {len(self._tokens)}; decode with the one that encoded"
                )
            if token_id == END:
                break
            if token_id not in (PAD, START):
                tokens.append(self._tokens[token_id])
        return detokenize(tokens) if self._unit == "word" else join_graphemes(tokens)

    def unknown_words(self, sentence: str) -> list[str]:
        """Return the tokens of a sentence that the vocabulary does not hold, in order, with repeats."""
        unknown = [token for token in _split(sentence, self._unit, self._lowercase) if self._id_of(token) == UNK]
        return [detokenize([token]) for token in unknown] if self._unit == "word" else unknown

    def unknown_share(self, sentence: str) -> float:
        """Return the share, 0 to 1, of a sentence's tokens that the vocabulary does not hold; 0 for a blank one."""
        ids = self.encode(sentence)
        return ids.count(UNK) / len(ids) if ids else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the vocabulary as plain JSON values; `from_json` reads them."""
        return {"unit": self._unit, "lowercase": self._lowercase, "tokens": list(self._tokens)}

    @classmethod
    def from_json(cls, data: Any) -> "Vocabulary":
        """Return the vocabulary of the values that `to_json` returned. Raises InputError where they are damaged."""
        if not isinstance(data, dict):
            raise InputError(
                f"stored vocabulary: {_shown(data)} is not a JSON object; the file is damaged or another's"
            )
        for key, kind in (("unit", str), ("lowercase", bool), ("tokens", list)):
            if not isinstance(data.get(key), kind):
                raise InputError(
                    f"stored vocabulary: '{key}' is {_shown(data.get(key))}, not a {kind.__name__}; "
                    "the file is damaged or another's"
                )
        tokens = data["tokens"]
        if tuple(tokens[: len(SPECIAL_TOKENS)]) != SPECIAL_TOKENS:
            raise InputError(
                f"stored vocabulary: the first tokens are not {' '.join(SPECIAL_TOKENS)}; "
                "the file is damaged or another's"
            )
        return cls(tokens[len(SPECIAL_TOKENS) :], data["unit"], data["lowercase"])

    def _id_of(self, token: str) -> int:
        if token not in self._ids and self._unit == "word":
            token = without_mark(token)
        return self._ids.get(token, UNK)


def _split(sentence: str, unit: str, lowercase: bool) -> list[str]:
    tokens = tokenize(sentence) if unit == "word" else graphemes(sentence)
    return [token.lower() for token in tokens] if lowercase else tokens


def _can_be_token(token: str, unit: str) -> bool:
    if unit == "character" and token == " ":
        return True
    return token.split() == [token] and (unit == "character" or without_mark(token) != "")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
