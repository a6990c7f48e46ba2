"""A call in a process of its own: what never ends is ended, and what ends the process does not end the caller.

    call_in_child("some.module:check_file", {"path": "cell.py"}, file="cell.py")

runs check_file(path="cell.py", limit=...) of that module in a new process and returns its result, by way of JSON.
`limit(seconds, what)` is a `with` block in which the process is ended when its time is up; the caller then gets
TimeIsUp. InputError comes back as it was raised.

Read next: trace.py.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from scratchnet.errors import InputError
from scratchnet.usercode.limits import TimeIsUp, time_limit
from scratchnet.usercode.load import FileFails
from scratchnet.usercode.locate import LIBRARY, locate_error

GRACE = 20.0  # for loading the library on a busy machine, and for code that lets no other thread run
STOPPED = 3  # exit status of a child that was stopped
# Ctrl-C ends the child without a word: the caller says it.
START = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "from scratchnet.usercode.child import main; main(sys.argv[1:])"
)

Limit = Callable[[float, str], contextlib.AbstractContextManager[None]]


class ProcessEnded(InputError):
    """The user's code has ended the process in which it ran."""


def call_in_child(
    function: str,
    arguments: Mapping[str, Any],
    *,
    file: str,
    seconds: float = 0.0,
    quiet: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Any:
    """Return function(**arguments, limit=...), called in a process of its own.

    function: "module:name"; this process does not import it. arguments, result: values for JSON.
    file: the user's, for messages. seconds: after which the process is killed, whatever it does; 0: never.
    quiet: no input, and nothing printed.
    Raises InputError as the function does, TimeIsUp where a limit was reached, ProcessEnded where the process ended.
    """
    with tempfile.TemporaryDirectory(prefix="scratchnet-") as folder:
        answer = Path(folder) / "answer.json"
        # -P: a file called numpy.py in the current folder must not be taken for NumPy.
        command = [sys.executable, "-P", "-c", START, *function.split(":"), str(answer)]
        way = os.pathsep.join(part for part in (str(Path(LIBRARY).parent), os.environ.get("PYTHONPATH", "")) if part)
        own = {**os.environ, **(environment or {}), "PYTHONPATH": way}
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True} if quiet else {}
        sys.stdout.flush()
        try:
            done = subprocess.run(
                [*command, json.dumps(dict(arguments))],
                env=own,
                timeout=seconds + GRACE if seconds else None,
                **streams,
            )
        except subprocess.TimeoutExpired:
            raise TimeIsUp(file, seconds) from None
        if not answer.exists():
            last = (done.stderr or b"").decode("utf-8", "replace").strip().splitlines()[-1:]
            raise ProcessEnded(_ended(file, done.returncode, last))
        found = json.loads(answer.read_text(encoding="utf-8"))
    if "time" in found:
        raise TimeIsUp(*found["time"])
    if "error" in found:
        refused = FileFails(found["error"]) if found["frames"] else InputError(found["error"])
        if isinstance(refused, FileFails):
            refused.frames = tuple(found["frames"])
        raise refused
    return found["result"]


def _ended(file: str, status: int, last: list[str]) -> str:
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    said = f", saying {last[0]!r}" if last else ""
    return f"{file} ended the check, {how}{said}: take out what ends the process"


def main(arguments: list[str]) -> None:
    """Call the function and write the answer; end at once when the parent process is gone."""
    module, name, path, values = arguments
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    answer = Path(path)
    found: dict[str, Any]
    try:
        function = getattr(importlib.import_module(module), name)
        limit: Limit = partial(time_limit, stop=partial(_stop, answer))
        found = {"result": function(**json.loads(values), limit=limit)}
    except InputError as error:
        found = {"error": str(error), "frames": list(getattr(error, "frames", ()))}
    except SystemExit as error:
        found = {"error": f"{locate_error(error)} ended the check: take out what ends the process", "frames": []}
    _write(answer, found)


def _stop(answer: Path, error: TimeIsUp) -> NoReturn:
    _write(answer, {"time": [error.what, error.seconds, error.frames]})
    os._exit(STOPPED)


def _write(answer: Path, found: Mapping[str, Any]) -> None:
    part = answer.with_suffix(f".{threading.get_ident()}")
    part.write_text(json.dumps(found), encoding="utf-8")
    part.replace(answer)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(STOPPED)
