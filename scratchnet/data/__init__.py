"""Data: text to token ids to batches, readers for files of pairs, and the embedded corpora.

    text.py           normalisation, words and characters
    vocabulary.py     tokens and their ids
    readers.py        files of sentence pairs
    splits.py         the references of a sentence; splits by distinct source sentence
    batches.py        packed batches of similar length
    corpora/          English to Hindi and to Marathi, made by a small grammar
    atomic_files.py   files that are complete or not there at all

Read next: text.py; to go on with the book, skip this folder: ../translation/__init__.py.
"""

from scratchnet.data.atomic_files import (
    current_folder,
    remove_folder,
    replace_file,
    replace_folder,
    tidy_folder,
    write_file,
)
from scratchnet.data.batches import Batch, Ids, Sources, batch_indices, bucketed_batches, make_batch, make_sources
from scratchnet.data.corpora import CORPORA, Corpus, load_corpus
from scratchnet.data.readers import Pair, check_columns, read_aligned, read_pairs, write_pairs
from scratchnet.data.splits import group_references, split_pairs
from scratchnet.data.text import normalise
from scratchnet.data.vocabulary import END, PAD, START, UNK, Vocabulary

__all__ = [
    "CORPORA",
    "END",
    "PAD",
    "START",
    "UNK",
    "Batch",
    "Corpus",
    "Ids",
    "Pair",
    "Sources",
    "Vocabulary",
    "batch_indices",
    "bucketed_batches",
    "check_columns",
    "current_folder",
    "group_references",
    "load_corpus",
    "make_batch",
    "make_sources",
    "normalise",
    "read_aligned",
    "read_pairs",
    "remove_folder",
    "replace_file",
    "replace_folder",
    "split_pairs",
    "tidy_folder",
    "write_file",
    "write_pairs",
]
