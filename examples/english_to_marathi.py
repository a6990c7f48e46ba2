"""English to Marathi from scratch: the same network as in english_to_hindi.py, on another language.

    python examples/english_to_marathi.py

Nothing but the data differs. Marathi has three genders where Hindi has two, and its postpositions grow onto the noun.
"""

import sys

from english_to_hindi import main

if __name__ == "__main__":
    main(["--corpus", "en-mr", *sys.argv[1:]])
