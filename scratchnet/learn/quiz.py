"""Whether an answer to a question of the quiz is right: numbers up to a tolerance, letters, or short texts.

Read next: checks.py.
"""

from __future__ import annotations

import math
import re
import string

from scratchnet.learn.exercise import Question

LETTERS = string.ascii_lowercase
THOUSANDS = re.compile(r"(?<=\d)[ ,'_](?=\d{3}(?!\d))")


def is_right(question: Question, answer: str) -> bool:
    """Tell whether `answer`, as it was typed, is right."""
    if question.choices:
        return answer.strip().strip("().").lower() == question.answer
    if isinstance(question.answer, tuple):
        return _plain(answer) in {_plain(one) for one in question.answer}
    wanted, readings = float(question.answer), (parse_number(answer), parse_number(THOUSANDS.sub("", answer)))
    return any(one is not None and abs(one - wanted) <= question.tolerance * abs(wanted) + 1e-12 for one in readings)


def answer_in_words(question: Question) -> str:
    """Return the right answer as one would say it."""
    if question.choices:
        return f"{question.answer}) {question.choices[LETTERS.index(str(question.answer))]}"
    return question.answer[0] if isinstance(question.answer, tuple) else f"{question.answer:g}"


def reply(question: Question, answer: str) -> str:
    """Return "right", or the right answer, with a note where the given one cannot be read."""
    if is_right(question, answer):
        return "right"
    given, note = answer.strip(), ""
    if not given:
        return f"it is {answer_in_words(question)}"
    if question.choices and given.strip("().").lower() not in LETTERS[: len(question.choices)]:
        note = f" ({given!r} is none of the letters)"
    if not question.choices and not isinstance(question.answer, tuple) and parse_number(given) is None:
        note = f" ({given!r} is no number)"
    return f"no{note}, it is {answer_in_words(question)}"


def parse_number(text: str) -> float | None:
    """Return the number that "0.25", "0,25", "1/4", "25 %", "2^-3" or "1e-8" means; None where it is none."""
    plain = text.strip().lower().replace(",", ".").replace("−", "-").replace("×10^", "e").replace("**", "^")
    share = plain.endswith("%")
    parts = plain.rstrip("% ").split("/")
    try:
        values = [_power(part) for part in parts]
        number = values[0] / values[1] if len(values) == 2 else values[0]
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return (number / 100 if share else number) if len(parts) <= 2 and math.isfinite(number) else None


def _power(text: str) -> float:
    base, mark, exponent = text.partition("^")
    return float(float(base) ** float(exponent.strip("()"))) if mark else float(text)


def _plain(text: str) -> str:
    """Return a text without case, spaces and quotation marks."""
    return re.sub(r"[\s`'\"]+", "", text).lower().rstrip(".")
