"""The house itself: which room may know which, how long a file is, what its docstring says, what an import costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "scratchnet"
# The exercises are data, written for learners to change; tests/test_learn.py holds them.
FILES = [path for path in sorted(ROOT.rglob("*.py")) if "exercises" not in path.parts]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES}
TREES = {name: ast.parse(text) for name, text in TEXTS.items()}

# Which other rooms a room may import: the book above, then the folders.
ARROWS = {
    "version": "",
    "errors": "",
    "backend": "errors",
    "functions": "backend",
    "packed_sequences": "backend errors",
    "tape": "backend packed_sequences errors",
    "parameters": "backend tape errors visual",
    "cells": "functions backend parameters errors",
    "recurrent": "backend packed_sequences parameters tape errors",
    "layers": "functions backend parameters tape errors",
    "stack": "backend packed_sequences parameters tape recurrent layers errors",
    "attention": "functions backend packed_sequences parameters tape errors",
    "losses": "functions backend parameters tape errors",
    "optim": "backend parameters errors",
    "data": "backend packed_sequences errors",
    "seq2seq": "backend errors packed_sequences parameters tape recurrent stack layers attention losses data",
    "decoding": "backend errors functions parameters recurrent data seq2seq",
    "usercode": "errors",
    "visual": "errors",
    "gradcheck": "backend errors packed_sequences tape parameters cells recurrent data usercode visual",
    "translation": "backend errors cells data decoding layers losses optim parameters recurrent seq2seq stack version",
    "training": "backend errors cells data decoding optim parameters recurrent seq2seq translation gradcheck usercode",
    "learn": "backend errors cells data packed_sequences recurrent gradcheck usercode",
    "bench": "backend errors cells data decoding layers "
    "losses optim packed_sequences recurrent translation training version",
    "cli": "backend errors version cells data gradcheck learn bench training translation visual usercode",
}
FOLDERS = {name.split("/")[0] for name in TREES if "/" in name}
# The path through the library that its docstrings promise, in this order.
WALK = """
    cells/lstm.py recurrent.py packed_sequences.py tape.py cells/base.py gradcheck/__init__.py cells/gru.py
    layers.py stack.py attention.py losses.py seq2seq.py decoding.py optim.py data/__init__.py translation/__init__.py
    training/__init__.py visual/__init__.py learn/__init__.py bench/__init__.py cli/__init__.py backend/__init__.py
    backend/numpy_backend.py
"""
WITHOUT_CHAIN = ("version.py", "errors.py")
CHANGING = """
    append extend insert add update setdefault pop popitem clear remove discard sort reverse
"""


def room(name: str) -> str:
    """Return the room of a file: "cells" for "cells/lstm.py", "tape" for "tape.py"."""
    return name.split("/")[0].removesuffix(".py")


def imports(name: str) -> Iterator[tuple[str, str]]:
    """Yield (module, attribute) for everything that a file imports, wherever in it; "" for a module itself."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (("." * node.level + (node.module or ""), alias.name) for alias in node.names)


def own_imports(name: str) -> set[str]:
    """Return the other files of the library that a file imports from."""
    found = set()
    for module, attribute in imports(name):
        if module.split(".")[0] == "scratchnet":
            path = "/".join(module.split(".")[1:])
            options = (f"{path}/{attribute}.py", f"{path}/{attribute}/__init__.py", f"{path}.py", f"{path}/__init__.py")
            found.add(next(option.lstrip("/") for option in options if option.lstrip("/") in TREES))
    return found - {name}


def packages(name: str) -> set[str]:
    """Return the packages that a file imports from, each by its first name."""
    return {module.split(".")[0] for module, _ in imports(name)}


def read_next(name: str) -> str:
    """Return the last paragraph of a file's docstring if it says what to read next, or ""."""
    last = (ast.get_docstring(TREES[name]) or "").split("\n\n")[-1]
    return " ".join(last.split()) if last.startswith("Read next: ") else ""


def named_next(name: str) -> list[str | None]:
    """Return the files that "Read next" names, beside the file or below the root; None for one that does not exist."""
    found = []
    for target in re.findall(r"[\w./]+\.py", read_next(name)):
        options = ((ROOT / name).parent / target, ROOT / target)
        inside = [path.resolve().relative_to(ROOT).as_posix() for path in options if path.exists()]
        found.append(inside[0] if inside else None)
    return found


def the_path() -> list[str]:
    """Return the files that "Read next" leads to, one after another, until it ends or comes back."""
    path = ["__init__.py"]
    while (ahead := named_next(path[-1])) and ahead[0] is not None and ahead[0] not in path:
        path.append(ahead[0])
    return path


def chained() -> list[str]:
    """Return the files that must say what to read next."""
    bare = [name for name in TREES if name.endswith("__init__.py") and not ast.get_docstring(TREES[name])]
    return [name for name in TREES if name not in (*WITHOUT_CHAIN, *bare)]


def test_a_room_knows_only_the_rooms_it_may() -> None:
    known = {name: {room(other) for other in own_imports(name)} - {room(name)} for name in TREES}
    limits = {name: set(ARROWS[room(name)].split()) for name in TREES if room(name) in ARROWS}
    assert {room(name) for name in TREES} - ARROWS.keys() <= {"__init__", "__main__"}
    assert {name: known[name] - allowed for name, allowed in limits.items() if known[name] - allowed} == {}


def test_imports_run_in_no_circle() -> None:
    left = {name: own_imports(name) for name in TREES}
    while left:
        free = [name for name, needs in left.items() if not needs & left.keys()]
        assert free, f"these files import one another in a circle, or need one that does: {sorted(left)}"
        left = {name: needs for name, needs in left.items() if name not in free}


def test_imports_are_absolute_and_never_a_star() -> None:
    assert [name for name in TREES for _, attribute in imports(name) if attribute == "*"] == []
    assert [name for name in TREES for module, _ in imports(name) if module.startswith(".")] == []


def test_only_the_backend_knows_cupy_and_numba() -> None:
    compiled = [name for name in TREES if {"cupy", "cupyx", "numba", "llvmlite"} & packages(name)]
    assert sorted(compiled) == ["backend/numba_primitives.py"]
    by_name = re.compile(r"import\w*\(\s*[\"'](cupy|numba)")
    assert [name for name in TREES if by_name.search(TEXTS[name])] == [
        "backend/cupy_backend.py",
        "backend/numba_backend.py",
        "backend/numba_cache.py",
    ]


def test_nothing_is_pickled() -> None:
    assert [name for name in TREES if {"pickle", "shelve", "marshal", "dill", "joblib"} & packages(name)] == []
    assert [name for name in TREES if re.search(r"allow_pickle\s*=\s*True", TEXTS[name])] == []


def test_nothing_global_changes() -> None:
    assert [found for name in TREES for found in changes_to_globals(name)] == []


def changes_to_globals(name: str) -> Iterator[str]:
    """Yield each place where a function changes what belongs to the module."""
    nodes = [node for node in TREES[name].body if isinstance(node, (ast.Assign, ast.AnnAssign))]
    shared = {part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name) and not _is_read(part)}
    for function in ast.walk(TREES[name]):
        if not isinstance(function, ast.FunctionDef):
            continue
        parts = list(ast.walk(function))
        own = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        own |= {part.arg for part in parts if isinstance(part, ast.arg)}
        for part in parts:
            if isinstance(part, ast.Global):
                yield f"{name}: {function.name}: {ast.unparse(part)}"
            calls = isinstance(part, ast.Attribute) and part.attr in CHANGING.split()
            writes = isinstance(part, ast.Subscript) and not isinstance(part.ctx, ast.Load)
            target = part.value if calls or writes else None  # type: ignore[attr-defined]
            if isinstance(target, ast.Name) and target.id in shared - own:
                yield f"{name}: {function.name} changes {target.id}"


def _is_read(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


def test_a_change_to_a_global_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    guilty = "SEEN = []\nTABLE: dict = {}\n\ndef f(x):\n    global N\n    SEEN.append(x)\n    TABLE[x] = x\n"
    monkeypatch.setitem(TREES, "guilty.py", ast.parse(guilty))
    seen = sorted(line.removeprefix("guilty.py: ") for line in changes_to_globals("guilty.py"))
    assert seen == ["f changes SEEN", "f changes TABLE", "f: global N"]


def test_a_file_is_one_sitting() -> None:
    assert {name: len(text.splitlines()) for name, text in TEXTS.items() if len(text.splitlines()) > 250} == {}


def test_lines_fit_on_a_screen() -> None:
    lines = [(name, n, line) for name, text in TEXTS.items() for n, line in enumerate(text.splitlines(), 1)]
    assert [f"{name}:{n}" for name, n, line in lines if len(line) > 120] == []


def test_a_docstring_ends_with_what_to_read_next() -> None:
    assert [name for name in chained() if not read_next(name).endswith(".")] == []


def test_what_to_read_next_exists() -> None:
    assert {name: read_next(name) for name in chained() if None in named_next(name)} == {}


def test_reading_on_is_one_path_through_every_file() -> None:
    path = the_path()
    assert sorted(path) == sorted(chained())
    assert named_next(path[-1]) == []


def test_the_path_passes_the_rooms_in_the_order_it_promises() -> None:
    path = the_path()
    assert [name for name in path if name in WALK.split()] == WALK.split()


def test_a_folder_may_be_skipped_on_the_way() -> None:
    path = the_path()
    for face in (name for name in path if name.endswith("/__init__.py") and len(named_next(name)) > 1):
        folder, after = room(face), named_next(face)[1]
        last = max(k for k, name in enumerate(path) if room(name) == folder)
        assert after == path[last + 1], face


def test_the_top_floor_can_be_seen_at_a_glance() -> None:
    assert len([path for path in ROOT.iterdir() if path.suffix == ".py"]) <= 16


def test_a_folder_is_reached_by_its_face() -> None:
    """From outside, `from scratchnet.data import Batch`, never `from scratchnet.data.batches import Batch`."""
    past = [
        f"{name}: {module}"
        for name in TREES
        for module, _ in imports(name)
        if module.startswith("scratchnet.") and module.count(".") > 1 and module.split(".")[1] != room(name)
    ]
    assert past == []


def test_no_face_shows_a_name_that_is_also_a_file_beside_it() -> None:
    # Once the file is imported, it stands in the folder under this name, in the place of what it defines.
    for face in ROOT.rglob("__init__.pyi"):
        shown = set(re.findall(r"import (\w+) as", face.read_text("utf-8")))
        assert not shown & {file.stem for file in face.parent.glob("*.py")}, face


def test_everything_public_says_what_it_is() -> None:
    silent = [
        f"{name}: {node.name}"
        for name in TREES
        for node in TREES[name].body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
        if not ast.get_docstring(node) and not is_maths_of_a_cell(name, node)
    ]
    assert silent == []


def is_maths_of_a_cell(name: str, node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Tell whether a definition is a step's elementwise maths: its lines cite the module's numbered equations."""
    lines = TEXTS[name].splitlines()[node.lineno - 1 : node.end_lineno]
    return room(name) == "cells" and isinstance(node, ast.FunctionDef) and any("# (" in line for line in lines)


@pytest.mark.parametrize("modules", ["scratchnet", "scratchnet.seq2seq, scratchnet.optim, scratchnet.data.batches"])
def test_importing_loads_no_pictures_scores_commands_or_gpu(modules: str) -> None:
    heavy = ["cupy", "matplotlib", "sacrebleu", "typer"]
    code = f"import sys, {modules}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert done.stdout.strip() == "[]"
