"""The one kind of error that a user's input can cause: what is wrong, where, and what to do, in one line.

The command line prints its text and exits with code 2; a notebook shows its text without the traceback; as a library,
it is a ValueError like any other.
"""

import sys
import warnings


class InputError(ValueError):
    """Something that was handed in cannot be used; the message says what, where, and what to do about it."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython and notebooks show in place of a traceback: the message says all."""
        return [f"{type(self).__name__}: {self}"]


def warn(message: str) -> None:
    """Give a warning; in a notebook it is this one line, without the library's own file and code."""
    if not in_notebook():
        warnings.warn(message, stacklevel=2)
        return
    with warnings.catch_warnings():
        warnings.showwarning = lambda text, *place: print(f"warning: {text}", file=sys.stderr)
        warnings.warn(message, stacklevel=2)


def in_notebook() -> bool:
    """Tell whether this process is the kernel of a notebook, where output is HTML and there is no terminal."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None
