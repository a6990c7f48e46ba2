"""The command `scratchnet translate`: sentences in, one translation a line out, the lines aligned.

Read next: sentence_warnings.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from scratchnet.cli.options import BackendName, Beam, MaxLength, Run, Threads, Verbose, load_run
from scratchnet.cli.sentence_warnings import SentenceWarnings
from scratchnet.errors import InputError


def translate_command(
    run: Run,
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="Sentences; without any, standard input is read.")
    ] = None,
    beam: Beam = 1,
    max_length: MaxLength = 100,
    verbose: Verbose = False,
    backend: BackendName = "numpy",
    threads: Threads = None,
) -> int:
    """Translate sentences: one translation a line on standard output, nothing else there.

    Lines stay aligned: a blank line gives a blank line. So does a sentence of which the model knows no word at all;
    the exit code is then 2. What is odd about sentences (unknown words) is summed up on standard error.
    """
    translator = load_run(run, backend, threads)
    typing = not text and sys.stdin.isatty()
    warnings = SentenceWarnings(max_length, at_once=verbose or typing)
    for part in _portions(list(text) if text else None):
        known = [_knows_a_word(translator, sentence) for sentence in part]
        readable = [sentence if good else "" for sentence, good in zip(part, known, strict=True)]
        translations = translator.translate(readable, beam=beam, max_length=max_length)
        for found, sentence, good in zip(translations, part, known, strict=True):
            warnings.add(found, sentence, good)
            print(" ".join(found.text.split("\n")), flush=True)
    warnings.summarise()
    return 2 if warnings.refused else 0


def _portions(sentences: list[str] | None, size: int = 256) -> Iterator[list[str]]:
    """Yield the sentences, or the lines of standard input, some at a time; line by line where someone is typing."""
    if sentences is not None:
        for start in range(0, len(sentences), size):
            yield sentences[start : start + size]
        return
    typing = sys.stdin.isatty()
    if typing:
        print("type a sentence, then Enter; Ctrl-D ends", file=sys.stderr)
    portion: list[str] = []
    offset = 0
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            portion.append(line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n"))
        except UnicodeDecodeError as error:
            where = f"line {number} (byte {offset + error.start})"
            raise InputError(f"standard input, {where}: not UTF-8; convert the text to UTF-8 first") from None
        offset += len(line)
        if typing or len(portion) == size:
            yield portion
            portion = []
    if portion:
        yield portion


def _knows_a_word(translator: Any, sentence: str) -> bool:
    return not sentence.strip() or translator.source_vocabulary.unknown_share(sentence) < 1.0
