"""The gaps of an exercise. One file, solution.py, holds both the solution and the file that a learner starts from.

    # --- your code begins ---
    da = dh * (1.0 - h * h)  # (1)
    # --- your code ends ---

Outside the gaps the two are the same. In a gap like this one the starting file has `...` on the right side of every
assignment, here `da = ...  # (1)`. A gap that starts otherwise has its starting lines as a comment after the solution:

    # --- your code begins ---
    square = v * v
    # --- start ---
    # square = np.abs(v) ** 2
    # --- your code ends ---

Lines of a larger gap that are in both stand before `# --- solution ---` or after `# --- both ---`. Commented lines are
indented relative to the mark that begins the gap. The file as it stands runs as the solution.

Read next: workspace.py.
"""

from __future__ import annotations

import re
from pathlib import Path

from scratchnet.errors import InputError

BEGINS, ENDS = "# --- your code begins ---", "# --- your code ends ---"
SOLUTION, START, BOTH = "# --- solution ---", "# --- start ---", "# --- both ---"
AFTER = {
    ENDS: (BEGINS,),
    BEGINS: (SOLUTION, START, ENDS),
    SOLUTION: (START,),
    START: (BOTH, ENDS),
    BOTH: (SOLUTION, ENDS),
}

# `left = right  # comment`, and the entry `"name": right,` of a dict; not a line that opens a bracket
ASSIGNMENT = re.compile(r'(\s*[^#="]*? \+?= |\s*"[^"]*": )[^#]*?[^#(\[{ ](,?|  # .*)')


def split_versions(text: str, path: Path) -> tuple[str, str]:
    """Return (starting file, solution) of the text of a solution.py; `path` is named in errors.

    Raises InputError where a mark is missing, misspelt or out of order, and where a gap leaves nothing to write.
    """
    start: list[str] = []
    solution: list[str] = []
    mark, gap, indent = ENDS, (0, 0), ""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip()
        if words.startswith("# ---"):
            if words not in AFTER[mark]:
                raise InputError(f"{path}:{number}: found {words}: the next mark must be {' or '.join(AFTER[mark])}")
            if words == BEGINS:
                gap, indent = (len(start) + 1, len(solution) + 1), line[: line.index("#")]
            elif words == START and mark == BEGINS:
                del start[gap[0] :]
            elif words == ENDS and mark == BEGINS:
                start[gap[0] :] = [_blanked(written) for written in start[gap[0] :]]
            if words == ENDS and start[gap[0] :] == solution[gap[1] :]:
                raise InputError(f"{path}:{number}: the gap that ends here leaves nothing to write")
            if words in (BEGINS, ENDS):
                start.append(line)
                solution.append(line)
            mark = words
        elif mark == START:
            if words != "#" and not words.startswith("# "):
                raise InputError(f"{path}:{number}: found {words!r}: the lines after {START} must be comments")
            start.append((indent + words[2:]).rstrip())
        else:
            solution.append(line)
            if mark != SOLUTION:
                start.append(line)
    if mark != ENDS or start == solution:
        raise InputError(f"{path}: the file ends where {' or '.join(AFTER[mark])} must come")
    return "\n".join([*start, ""]), "\n".join([*solution, ""])


def gaps(text: str) -> list[tuple[int, int, str]]:
    """Return (first line, last line, text) of every gap of a starting file or a solution."""
    found, first = [], 0
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if line.strip() == BEGINS:
            first = number + 1
        elif line.strip() == ENDS and first:
            found.append((first, number - 1, "\n".join(lines[first - 1 : number - 1])))
            first = 0
    return found


def _blanked(line: str) -> str:
    """Return a line with `...` in place of what it assigns; any other line as it is."""
    found = ASSIGNMENT.fullmatch(line)
    return f"{found[1]}...{found[2]}" if found else line
