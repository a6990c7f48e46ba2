"""scratchnet: learn backpropagation through time by reading, changing and checking real code."""

from scratchnet.version import __version__

__all__ = ["__version__"]
