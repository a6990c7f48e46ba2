"""Text in, text out: a model together with the vocabularies that it was trained with.

Read next: checkpoint.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scratchnet.data import Vocabulary, make_sources
from scratchnet.decoding import Hypothesis, beam_search
from scratchnet.errors import InputError
from scratchnet.seq2seq import Seq2Seq
from scratchnet.translation.model_config import ModelConfig


@dataclass(frozen=True)
class Translation:
    """One sentence translated. text: "" for a blank source. unknown: the source words that the model never met."""

    source: str
    text: str
    hypothesis: Hypothesis | None
    unknown: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """False when the length limit was hit before END."""
        return self.hypothesis is None or self.hypothesis.complete


class Translator:
    """A model and its two vocabularies. cell_text: the file of a cell that is not the library's, to be kept with it.

    Raises InputError where a vocabulary's size is not the model's.
    """

    def __init__(
        self,
        model: Seq2Seq,
        source_vocabulary: Vocabulary,
        target_vocabulary: Vocabulary,
        config: ModelConfig,
        cell_text: str = "",
    ) -> None:
        self.model, self.config, self.cell_text = model, config, cell_text
        self.source_vocabulary, self.target_vocabulary = source_vocabulary, target_vocabulary
        for side, embedding, vocabulary in (
            ("source", model.encoder.embedding, source_vocabulary),
            ("target", model.decoder.embedding, target_vocabulary),
        ):
            if embedding is None or embedding.vocabulary_size != len(vocabulary):
                wanted = "no tokens at all" if embedding is None else str(embedding.vocabulary_size)
                raise InputError(f"the {side} vocabulary has {len(vocabulary)} tokens, the model wants {wanted}")

    def __repr__(self) -> str:
        parameters = sum(array.size for array in self.model.parameters().values())
        sides = f"{self.source_vocabulary!r} to {self.target_vocabulary!r}"
        return f"<Translator from {sides}, {self.config.cell}, {parameters:,} parameters>"

    def encode_pair(self, pair: tuple[str, str]) -> tuple[list[int], list[int]]:
        """Return a (source, target) pair of sentences as token ids."""
        return self.source_vocabulary.encode(pair[0]), self.target_vocabulary.encode(pair[1])

    def translate(
        self,
        sentences: Sequence[str],
        *,
        beam: int = 1,
        max_length: int = 100,
        length_penalty: float = 1.0,
        batch_size: int = 128,
    ) -> list[Translation]:
        """Translate sentences, in order; a blank one gives a blank translation.

        Sentences of similar length share a batch, which changes nothing but the time that it takes.
        """
        ids = [self.source_vocabulary.encode(sentence) for sentence in sentences]
        found: list[Translation] = [Translation(sentence, "", None, ()) for sentence in sentences]
        todo = sorted((k for k in range(len(ids)) if ids[k]), key=lambda k: len(ids[k]))
        for start in range(0, len(todo), batch_size):
            chosen = todo[start : start + batch_size]
            sources = make_sources([ids[k] for k in chosen])
            hypotheses = beam_search(self.model, sources, beam, max_length, length_penalty)
            for k, hypothesis in zip(chosen, hypotheses, strict=True):
                text = self.target_vocabulary.decode(hypothesis.ids)
                unknown = tuple(self.source_vocabulary.unknown_words(sentences[k]))
                found[k] = Translation(sentences[k], text, hypothesis, unknown)
        return found
