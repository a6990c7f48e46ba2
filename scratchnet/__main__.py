"""`python -m scratchnet`: the command line, where the script `scratchnet` is not on the path.

Read next: backend/__init__.py.
"""

import sys

from scratchnet.cli import main

if __name__ == "__main__":
    sys.exit(main())
