"""Translation: text in, text out; a trained translator on disk; its scores.

    model_config.py   the options of a model, and the model that they describe
    translator.py     a model with its two vocabularies: sentences in, sentences out
    checkpoint.py     a translator in a folder that is complete or not there at all
    scores.py         loss, perplexity, BLEU, chrF2, exact match

Read next: translator.py.
"""

from scratchnet.translation.checkpoint import (
    BEST,
    CELL,
    LAST,
    NotFiniteError,
    SavedModel,
    find_checkpoint,
    is_checkpoint,
    load_translator,
    read_checkpoint,
    read_training,
    save_translator,
)
from scratchnet.translation.documents import Arrays, CheckpointError
from scratchnet.translation.scores import evaluate, exact_match, perplexity, teacher_forced_loss
from scratchnet.translation.translator import ModelConfig, Translation, Translator

__all__ = [
    "BEST",
    "CELL",
    "LAST",
    "Arrays",
    "CheckpointError",
    "ModelConfig",
    "NotFiniteError",
    "SavedModel",
    "Translation",
    "Translator",
    "evaluate",
    "exact_match",
    "find_checkpoint",
    "is_checkpoint",
    "load_translator",
    "perplexity",
    "read_checkpoint",
    "read_training",
    "save_translator",
    "teacher_forced_loss",
]
