"""One process at a time in a run's folder: a file `lock` with the process's number, there while it trains.

A process that was killed leaves its file behind. Whether it still runs is looked up by its number and, where the
system tells (/proc), by the moment at which it began, since numbers are used again.

Read next: result.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scratchnet.errors import InputError

LOCK = "lock"


@contextmanager
def locked(out: Path | None, say: Callable[[str], None]) -> Iterator[None]:
    """Keep other processes out of the folder `out`, which is made if need be; None locks nothing.

    Inside another `locked` of the same folder it does nothing. `say` is told of a file that a killed process left.
    Raises InputError where another process is in the folder, and where the folder cannot be used.
    """
    if out is None:
        yield
        return
    path, mine = out / LOCK, identity(os.getpid())
    try:
        out.mkdir(parents=True, exist_ok=True)
        holder = read_lock(path)
        if holder != mine:
            if holder is not None:
                refuse_if_alive(path, holder)
                say(f"{path}: left by process {holder.split()[0]}, which has ended; taken over")
                path.unlink(missing_ok=True)
            with path.open("x", encoding="ascii") as file:
                file.write(mine)
    except FileExistsError as error:
        if Path(error.filename) != path:
            raise InputError(f"{out}: cannot be used as a run's folder ({error.strerror}); choose another") from None
        raise InputError(f"{out}: another process has just begun to train here; wait, or choose another") from None
    except OSError as error:
        raise InputError(f"{out}: cannot be used as a run's folder ({error.strerror}); choose another") from None
    try:
        yield
    finally:
        if holder != mine:
            path.unlink(missing_ok=True)


def read_lock(path: Path) -> str | None:
    """Return who holds a lock, as `identity` wrote it, "0" for a file without sense, None for no file."""
    try:
        text = path.read_bytes().decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
    return text if text and all(part.isdecimal() for part in text.split()) else "0"


def refuse_if_alive(path: Path, holder: str) -> None:
    """Raise InputError where the process that holds a lock still runs, or where nobody can tell."""
    number = int(holder.split()[0])
    if number and (os.name != "posix" or (is_running(number) and identity(number) == holder)):
        raise InputError(
            f"{path.parent}: process {number} is training here; wait until it ends, stop it, or choose another folder "
            f"(should no such process run, remove {path})"
        )


def is_running(number: int) -> bool:
    """Tell whether a process of this number runs, be it another user's."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def identity(number: int) -> str:
    """Return a process's number and, where the system tells, the moment at which it began."""
    try:
        state = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return str(number)
    return f"{number} {state.rpartition(')')[2].split()[19]}"
