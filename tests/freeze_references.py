"""Write the library's files, as they are now, down as the reference that gradcheck compares with.

    python tests/freeze_references.py

Run it after a change to the library that is meant and proven; tests/test_reference_text.py fails until then.

Read next: test_reference_text.py.
"""

from __future__ import annotations

import json

from scratchnet.gradcheck.library.reference_text import DATA, PACKAGE

FILES = (
    "functions.py", "packed_sequences.py", "tape.py", "parameters.py", "cells/base.py", "cells/lstm.py", "cells/gru.py",
    "cells/rnn.py", "recurrent.py", "layers.py", "stack.py", "losses.py", "seq2seq.py", "optim.py",
)  # fmt: skip


def lines_of_files() -> dict[str, list[str]]:
    """Return the lines of every file that is written down."""
    return {file: (PACKAGE / file).read_text("utf-8").splitlines() for file in FILES}


if __name__ == "__main__":
    DATA.write_text(json.dumps(lines_of_files(), indent=0, ensure_ascii=False) + "\n", "utf-8")
    print(f"written: {DATA}")
