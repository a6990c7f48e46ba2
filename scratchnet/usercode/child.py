"""A call in a process of its own: what never ends is ended, and what ends the process does not end the caller.

    call_in_child("some.module:check_file", {"path": "cell.py"}, file="cell.py")

runs check_file(path="cell.py", limit=...) of that module in a new process and returns its result, by way of JSON.
`limit(seconds, what)` is a `with` block in which the process is ended when its time is up; the caller then gets
TimeIsUp. InputError comes back as it was raised.

Read next: many_calls.py.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, NoReturn

from scratchnet.errors import InputError
from scratchnet.usercode.limits import TimeIsUp, time_limit
from scratchnet.usercode.load import FileFails
from scratchnet.usercode.locate import LIBRARY, locate_error, place_of_error

AFTER_INTERRUPT = 3.0  # for a search that is stopped by Ctrl-C to say what it has found
GRACE = 20.0  # for loading the library on a busy machine, and for code that lets no other thread run
STOPPED = 3  # exit status of a child that was stopped
# Ctrl-C ends the child without a word, unless it has something to say: the caller says the rest.
START = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "from scratchnet.usercode.child import main; main(sys.argv[1:])"
)

Limit = Callable[[float, str], contextlib.AbstractContextManager[None]]


class ProcessEnded(InputError):
    """The user's code has ended the process in which it ran.

    status: the exit status, or minus the signal's number. place: the file and the line, ("", 0) where not known.
    """

    status: int = 0
    place: tuple[str, int] = ("", 0)

    @classmethod
    def by(cls, error: SystemExit) -> ProcessEnded:
        """Return what is raised where code wants to exit."""
        ended = cls(f"{locate_error(error)} ended the check: take out what ends the process")
        ended.status = error.code if isinstance(error.code, int) else int(error.code is not None)
        ended.place = place_of_error(error)
        return ended


def call_in_child(
    function: str,
    arguments: Mapping[str, Any],
    *,
    file: str,
    seconds: float = 0.0,
    quiet: bool = False,
    environment: Mapping[str, str] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Any:
    """Return function(**arguments, limit=...), called in a process of its own.

    function: "module:name"; this process does not import it. arguments, result: values for JSON.
    file: the user's, for messages. seconds: after which the process is killed, whatever it does; 0: never.
    quiet: no input, nothing printed, and what the process has started ends with it. cancelled: asked all the time;
    ends the process where it says so.
    Raises InputError as the function does, TimeIsUp where a limit was reached, ProcessEnded where the process ended.
    """
    with tempfile.TemporaryDirectory(prefix="scratchnet-") as folder:
        answer = Path(folder) / "answer.json"
        # -P: a file called numpy.py in the current folder must not be taken for NumPy.
        command = [sys.executable, "-P", "-c", START, *function.split(":"), str(answer)]
        way = os.pathsep.join(part for part in (str(Path(LIBRARY).parent), os.environ.get("PYTHONPATH", "")) if part)
        own = {**os.environ, **(environment or {}), "PYTHONPATH": way}
        sys.stdout.flush()
        given = [*command, json.dumps(dict(arguments))]
        status, last = _run(given, own, seconds + GRACE if seconds else math.inf, quiet, cancelled)
        if status is None:
            raise TimeIsUp(file, seconds)
        if not answer.exists():
            ended = ProcessEnded(_ended(file, status, last.decode("utf-8", "replace").strip().splitlines()[-1:]))
            ended.status = status
            raise ended
        found = json.loads(answer.read_text(encoding="utf-8"))
    if "time" in found:
        raise TimeIsUp(*found["time"])
    if "error" in found:
        raise _raised(found)
    return found["result"]


def _raised(found: Mapping[str, Any]) -> InputError:
    place = str(found["place"][0]), int(found["place"][1])
    if found["status"] is not None:
        ended = ProcessEnded(found["error"])
        ended.status, ended.place = int(found["status"]), place
        return ended
    if not found["frames"] and not place[1]:
        return InputError(found["error"])
    refused = FileFails(found["error"])
    refused.frames, refused.place = tuple(found["frames"]), place
    return refused


def _run(
    command: list[str], environment: dict[str, str], seconds: float, quiet: bool, cancelled: Callable[[], bool]
) -> tuple[int | None, bytes]:
    """Run a command; return its exit status, None where it was killed for its time, and its last words if quiet."""
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, env=environment, start_new_session=quiet, **(pipes if quiet else {}))
    said = deque[bytes](maxlen=2)
    reader = threading.Thread(target=_keep_last, args=(process.stderr, said), daemon=True)
    end, in_time = time.monotonic() + seconds, True
    if quiet:
        reader.start()
    try:
        while process.poll() is None and in_time and not cancelled():
            in_time = time.monotonic() < end
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        status = process.poll()
    except KeyboardInterrupt:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.0 if quiet else AFTER_INTERRUPT)  # a quiet one is in a session of its own, and not told
        status = process.poll()
        if status != 0:
            raise
    finally:
        process.kill()
        if quiet and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)  # what it started, and left running
        process.wait()
    if quiet:
        reader.join(1.0)  # a process that has left the session may hold the pipe open: it is not waited for
    return (process.returncode if status is None and in_time else status), b"".join(said)


def _keep_last(stream: IO[bytes], said: deque[bytes]) -> None:
    """Read a stream to its end, and keep the last of it: it may be endless."""
    with stream:
        while part := stream.read(4096):
            said.append(part)


def _ended(file: str, status: int, last: list[str]) -> str:
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    said = f", saying {last[0]!r}" if last else ""
    return f"{file} ended the check, {how}{said}: take out what ends the process"


def main(arguments: list[str]) -> None:
    """Call the function and write the answer; end at once when the parent process is gone."""
    module, name, path, values = arguments
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    answer = Path(path)
    try:
        function = getattr(importlib.import_module(module), name)
        limit: Limit = partial(time_limit, stop=partial(_stop, answer))
        found = {"result": function(**json.loads(values), limit=limit)}
    except InputError as error:
        found = _told(error)
    except SystemExit as error:
        found = _told(ProcessEnded.by(error))
    _write(answer, found)


def _told(error: InputError) -> dict[str, Any]:
    status = error.status if isinstance(error, ProcessEnded) else None
    place, frames = getattr(error, "place", ("", 0)), list(getattr(error, "frames", ()))
    return {"error": str(error), "frames": frames, "place": place, "status": status}


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
