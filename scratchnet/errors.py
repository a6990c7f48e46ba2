"""The one kind of error that a user's input can cause: what is wrong, where, and what to do, in one line.

The command line prints its text and exits with code 2; as a library, it is a ValueError like any other.
"""


class InputError(ValueError):
    """Something that was handed in cannot be used; the message says what, where, and what to do about it."""
