"""The command line, one file a command: each reads its arguments, calls the library, and prints.

    main.py       the application, exit codes, and one line for a user's mistake
    options.py    arguments that several commands share
    train.py  translate.py  evaluate.py  gradcheck.py  learn.py  corpus.py  bench.py  info.py

Read next: main.py; to go on with the book, skip this folder: ../__main__.py.
"""

from scratchnet.cli.main import main

__all__ = ["main"]
