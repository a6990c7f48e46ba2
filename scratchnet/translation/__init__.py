"""Translation: text in, text out; a trained translator on disk; its scores.

    config_base.py    options that are declared once: name, type, default, help, check
    model_config.py   the options of a model, and the model that they describe
    translator.py     a model with its two vocabularies: sentences in, sentences out
    checkpoint.py     a translator in a folder that is complete or not there at all
    scores.py         loss, perplexity, BLEU, chrF2, exact match

Read next: config_base.py; to go on with the book, skip this folder: ../training/__init__.py.
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
from scratchnet.translation.config_base import (
    Config,
    below_one,
    count,
    not_negative,
    one_of,
    option,
    option_of,
    share,
    size,
)
from scratchnet.translation.documents import Arrays, CheckpointError
from scratchnet.translation.model_config import ModelConfig
from scratchnet.translation.scores import evaluate, exact_match, perplexity, teacher_forced_loss
from scratchnet.translation.translator import Translation, Translator

__all__ = [
    "BEST",
    "CELL",
    "LAST",
    "Arrays",
    "CheckpointError",
    "Config",
    "ModelConfig",
    "NotFiniteError",
    "SavedModel",
    "Translation",
    "Translator",
    "below_one",
    "count",
    "evaluate",
    "exact_match",
    "find_checkpoint",
    "is_checkpoint",
    "load_translator",
    "not_negative",
    "one_of",
    "option",
    "option_of",
    "perplexity",
    "read_checkpoint",
    "read_training",
    "save_translator",
    "share",
    "size",
    "teacher_forced_loss",
]
