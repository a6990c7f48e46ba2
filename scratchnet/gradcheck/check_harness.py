"""A harness file, checked and reported on; called in a process of its own.

Read next: ../usercode/__init__.py.
"""

from __future__ import annotations

import contextlib
import json
import warnings
from pathlib import Path
from typing import Any

from scratchnet.gradcheck.judge_subject import judge, mended_path
from scratchnet.gradcheck.subjects import subject_of
from scratchnet.gradcheck.words import hint, lines_of
from scratchnet.usercode import Limit, LimitedOutput

RIGHT, WRONG, NOT_RUN = 0, 1, 3


def report_on_harness(
    target: str, code: str | None, seed: int, outputs: dict[str, Any], seconds: float, limit: Limit
) -> dict[str, Any]:
    """Check a harness file; return {"status": the exit code, "text": what is to be printed}.

    outputs: as_json, full, hint (how many steps, 0 for none), fix (whether to write the mended copy).
    seconds: that everything may take.
    """
    with (
        contextlib.redirect_stdout(LimitedOutput()),
        warnings.catch_warnings(),
        limit(seconds, f"the check of {target}"),
    ):
        warnings.simplefilter("ignore")
        subject = subject_of(Path(target), None if code is None else Path(code), seed)
        verdict = judge(subject, seconds=min(30.0, 0.6 * seconds if seconds else 30.0))
    status = RIGHT if verdict.ok else NOT_RUN if not verdict.checked else WRONG
    written = []
    if outputs["fix"] and verdict.cured:
        for file, text in verdict.texts.items():
            if text != Path(file).read_text("utf-8-sig"):
                mended_path(Path(file)).write_text(text, "utf-8")
                written.append(str(mended_path(Path(file))))
    if outputs["as_json"]:
        return {"status": status, "text": json.dumps(verdict.as_dict(), indent=2, ensure_ascii=False) + "\n"}
    lines = hint(verdict, outputs["hint"]) if outputs["hint"] and not verdict.ok else lines_of(verdict, outputs["full"])
    lines += [f"wrote {name}" for name in written]
    return {"status": status, "text": "\n".join(lines) + "\n"}
