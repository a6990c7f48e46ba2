"""Run the main example with a shortened training and check what it printed: it must have learned, and translate.

A right answer cannot be memorised: the sentences counted are held out. Exits with 1 and a line that says what failed.
"""

import re
import subprocess
import sys

EPOCHS, AT_LEAST = 1, 75.0  # per cent of held-out sentences; the full training reaches 99

command = [sys.executable, "examples/english_to_hindi.py", "--epochs", str(EPOCHS)]
run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=1500, check=False)
print(run.stdout, run.stderr, sep="\n")
if run.returncode != 0:
    sys.exit(f"the example ended with exit code {run.returncode}")
scored = re.search(r"translated exactly: \d+ of (\d+) \(([\d.]+) %\)", run.stdout)
if scored is None or int(scored[1]) < 500:
    sys.exit("the example did not print its score on at least 500 held-out sentences")
if float(scored[2]) < AT_LEAST:
    sys.exit(f"only {scored[2]} % of the held-out sentences are right after {EPOCHS} epoch; wanted {AT_LEAST} %")
greeting = re.search(r"nice to meet you\n\s+(\S.*)", run.stdout)
if greeting is None or not re.search(r"[\u0900-\u097f]", greeting[1]):
    sys.exit("the example did not translate 'nice to meet you' into Hindi")
print(f"example: {scored[2]} % of held-out sentences right after {EPOCHS} epoch; 'nice to meet you' -> {greeting[1]}")
