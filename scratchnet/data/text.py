"""Normalising text, and splitting it into words or characters and joining them again without loss.

Every text is normalised first: Unicode form NFC, single plain spaces, no invisible layout characters. The zero width
joiner and non-joiner stay, because they are part of the spelling in Devanagari. Then it is split in one of two ways:

    tokenize("I'm here, Tom!")  ->  I 'm here , Tom !      words; numbers, hyphenated words and "Mr." stay whole
    graphemes("हिन्दी")           ->  हि न्दी                   characters: a conjunct is never taken apart

The English endings 's 'm 're 've 'll 'd are tokens of their own, so that a vocabulary needs no second "Tom" for
"Tom's"; the few words like "don't" stay whole.

detokenize(tokenize(text)) == normalise(text) holds for *every* text. A rule predicts from the tokens alone whether
there is a space between two of them (no space before "!", none after "(", quotes open and close in turn). Where the
prediction is wrong, one of the two tokens, a symbol rather than a word, carries the MARK on that side, which reverses
it.

    tokenize("Wow!")  ->  Wow !        tokenize("Wow !")  ->  Wow ￭!        tokenize("a+b")  ->  a ￭+￭ b

A MARK in the text itself becomes "<mark>" inside its token. No other text gives such a token: "<" is always one of its
own.

Differs from the joiner marks of the OpenNMT tokenizer (Klein et al. 2017): theirs stand wherever two tokens touch, ours
only where a rule fails, so that ordinary sentences contain none.

Read next: vocabulary.py.
"""

import unicodedata
from collections.abc import Iterable, Sequence

import regex  # type: ignore[import-untyped, unused-ignore]

MARK = "￭"
_ESCAPED_MARK = "<mark>"

# Zero width space, soft hyphen, word joiner, byte order mark; marks, embeddings, overrides and isolates of direction.
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x00AD, 0x2060, 0xFEFF, 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)

# What may follow a letter as part of it, and what a word consists of. To the \w of Python's own re, vowel signs, virama
# and joiners are no part of a word, so that it would split Devanagari words.
_FOLLOWS = r"[\p{M}\u200c\u200d]"
_WORD = r"[\p{L}\p{M}\p{N}\u200c\u200d_\u0970]"
_ENDING = rf"['’](?i:s|m|re|ve|ll|d)(?!{_WORD})"
_DEVANAGARI = r"[\p{Script=Devanagari}\u200c\u200d]"

_PIECE = regex.compile(
    rf"""
      (?:https?://|www\.)[^\s"'<>()|।]*[\p{{L}}\p{{N}}/](?!{_FOLLOWS})           # an address
    | (?<!{_WORD})(?i:mr|mrs|ms|dr|prof|jr|sr|st|vs|etc|डॉ|रु)\.(?!{_FOLLOWS})    # an abbreviation
    | (?<!{_WORD})(?:(?=\p{{L}})\X(?:(?=\p{{L}})\X)?\.(?!{_FOLLOWS})){{2,}}         # U.S.  p.m.  Ph.D.  एम.आय.
    | (?<={_WORD}){_ENDING}                                                    # the 's of Tom's
    | {_DEVANAGARI}++(?=I(?!{_WORD}))                                          # a capital I that stands for a danda
    | {_WORD}++
      (?:(?: (?<=\p{{Nd}})[.,:/](?=\p{{Nd}})                                     # 3.14  1,000  10:30  24/7
           | (?<=\p{{Deva}}):(?=\p{{Deva}})                                      # a colon typed for a visarga
           | (?!{_ENDING})['’](?=\p{{L}})                                       # don't  o'clock
           | [-‐‑&]                                                            # धीरे-धीरे  R&D
         ){_WORD}++)*+
    | (?:\.{{2,}}|-{{2,}})(?!{_FOLLOWS})                                         # an ellipsis, a typed dash
    | \X                                                                       # any other symbol and what belongs to it
    """,
    regex.VERBOSE,
)
_CLUSTER = regex.compile(r"\X")
_BEGINS_WORD = regex.compile(_WORD)

_QUOTES = frozenset("\"'")
_NONE_BEFORE, _NONE_AFTER, _NONE_AROUND, _USUAL = (True, False), (False, True), (True, True), (False, False)
_SPACING = (
    dict.fromkeys([*".,!?;:।॥|)]}…’”»›%‰", "...", ".."], _NONE_BEFORE)
    | dict.fromkeys([*"([{“‘„«‹#@$£€₹¥¿¡"], _NONE_AFTER)
    | {"/": _NONE_AROUND}
)


def normalise(text: str) -> str:
    """Return the text in form NFC, trimmed, with single plain spaces and without invisible layout characters.

    Removed are U+200B, U+00AD, U+2060, U+FEFF and the marks of direction; U+200C and U+200D (the joiners) are kept.
    """
    return unicodedata.normalize("NFC", " ".join(text.translate(_INVISIBLE).split()))


def tokenize(text: str) -> list[str]:
    """Split a text into words and symbols, each without white space and never empty; `detokenize` undoes it exactly."""
    pieces: list[str] = []
    spaced: list[bool] = []
    for run in normalise(text).split():
        found = [run] if run.isascii() and run.isalpha() else _PIECE.findall(run)
        pieces += found
        spaced.append(True)
        spaced += [False] * (len(found) - 1)
    if MARK in text:
        pieces = [piece.replace(MARK, _ESCAPED_MARK) for piece in pieces]
    guessed = _guess_spaces(pieces)
    if guessed == spaced:
        return pieces
    tokens = pieces[:]
    for at in range(1, len(pieces)):
        if spaced[at] != guessed[at]:
            if _BEGINS_WORD.match(pieces[at]) and not _BEGINS_WORD.match(pieces[at - 1]):
                tokens[at - 1] += MARK
            else:
                tokens[at] = MARK + tokens[at]
    return tokens


def detokenize(tokens: Sequence[str]) -> str:
    """Join tokens into the text they came from; any other tokens, such as a model's, by the same rule and marks."""
    pieces = [token.strip(MARK) for token in tokens]
    text: list[str] = []
    previous = ""
    for token, piece, space in zip(tokens, pieces, _guess_spaces(pieces), strict=True):
        reversals = token.startswith(MARK) + previous.endswith(MARK)
        if text and space != (reversals == 1):
            text.append(" ")
        text.append(piece.replace(_ESCAPED_MARK, MARK))
        previous = token
    return "".join(text)


def without_mark(token: str) -> str:
    """Return the token without its mark of spacing: "!" for "￭!"."""
    return token.strip(MARK)


def graphemes(text: str) -> list[str]:
    """Split a text into extended grapheme clusters; a space is one of its own; `join_graphemes` undoes it exactly.

    A Devanagari conjunct, with its virama, nukta, joiners and vowel signs, is one cluster (Unicode Standard Annex 29,
    rule GB9c; known to `regex` from 2024.11.6 on).
    """
    clusters: list[str] = []
    for run in normalise(text).split():
        clusters += [" ", *_CLUSTER.findall(run)]
    return clusters[1:]


def join_graphemes(clusters: Iterable[str]) -> str:
    """Join grapheme clusters into the text they came from."""
    return "".join(clusters)


def _guess_spaces(pieces: Sequence[str]) -> list[bool]:
    """Return for each piece whether the rule puts a space before it; marks are not considered."""
    spaces: list[bool] = []
    opened: set[str] = set()
    none_now, before = False, ""
    for piece in pieces:
        none_before, none_after = _SPACING.get(piece, _USUAL)
        if piece in _QUOTES:
            # A single quote that nothing opened is, after an s, the apostrophe of "the girls' books".
            closes = piece in opened or (piece == "'" and before.endswith("s"))
            none_before, none_after = closes, not closes
            opened = opened - {piece} if closes else opened | {piece}
        elif len(piece) > 1 and piece[0] in "'’":
            none_before = True
        spaces.append(not (none_now or none_before))
        none_now, before = none_after, piece
    if spaces:
        spaces[0] = True
    return spaces
