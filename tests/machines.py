"""Run the suite where other people run it: other kernels, threads, versions, paths, locales, terminals.

python tests/machines.py --list                                  the corners, one a line
python tests/machines.py --only haswell --only lowest            some of them
python tests/machines.py --quick                                 all of them, each with the files that depend on it most
python tests/machines.py --select "tests/test_optim.py -x"       other arguments for pytest

Prints a table and the tests that failed; ends with 1 where any did. Environments, copies and logs lie below --folder,
and environments are used again. A corner that this machine cannot have is said to be left out. What the machine itself
sets for OpenBLAS stays as it is: where OPENBLAS_CORETYPE is set, the kernels are left out.
"""

from __future__ import annotations

import argparse
import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from corners import CORNERS, Corner

ROOT = Path(__file__).resolve().parent.parent


class NotToBeHad(Exception):
    """A corner that this machine does not have."""


def requirements(corner: Corner) -> list[str]:
    """Return what setup.cfg asks for with the extra `test`, at its lowest or newest."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    lines = f"{setup['options']['install_requires']}\n{setup['options.extras_require']['test']}".split()
    wanted = [line for line in lines if re.split("[>=<]", line)[0] not in corner.without]
    return [line.replace(">=", "==") for line in wanted] if corner.versions == "lowest" else wanted


def find_python(minor: str) -> str:
    """Return the path of a Python of that version, the running one where it is."""
    if minor in ("", f"{sys.version_info[0]}.{sys.version_info[1]}"):
        return sys.executable
    installed = sorted(Path.home().glob(f".pyenv/versions/{minor}.*/bin/python"))
    for path in (*installed, shutil.which(f"python{minor}")):
        if path and subprocess.run([path, "-V"], capture_output=True, check=False).returncode == 0:
            return str(path)
    raise NotToBeHad(f"there is no Python {minor}")


def make_environment(corner: Corner, folder: Path) -> Path:
    """Return the Python that a corner runs with, in an environment made once."""
    if not corner.versions:
        return Path(sys.executable)
    python, wanted = find_python(corner.python), requirements(corner)
    minor = corner.python or f"{sys.version_info[0]}.{sys.version_info[1]}"
    place = folder / "-".join(["environment", corner.versions, minor, *(f"no-{name}" for name in corner.without)])
    stamp = place / "requirements.txt"
    if not stamp.exists() or stamp.read_text("utf-8").split() != wanted:
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([python, "-m", "venv", place], check=True)
        install = [place / "bin" / "python", "-m", "pip", "install", "-q", *wanted]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or [done.stderr]
            raise NotToBeHad(last[-1])
        stamp.write_text("\n".join(wanted), "utf-8")
    return place / "bin" / "python"


def copy_checkout(target: Path) -> Path:
    """Copy the files of the checkout, those not yet committed included, and what lies beside it."""
    shutil.rmtree(target, ignore_errors=True)
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode("utf-8").split("\0"):
        if name and (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def check_machine(corner: Corner) -> None:
    """Raise NotToBeHad for what this machine lacks."""
    if "OPENBLAS_CORETYPE" in corner.environment and "OPENBLAS_CORETYPE" in os.environ:
        raise NotToBeHad(f"OPENBLAS_CORETYPE is set to {os.environ['OPENBLAS_CORETYPE']} here")
    cpuinfo = Path("/proc/cpuinfo")
    if corner.flag and not (cpuinfo.exists() and corner.flag in cpuinfo.read_text("utf-8").split()):
        raise NotToBeHad(f"the processor has no {corner.flag}")
    for needed, tool in ((corner.cores, "taskset"), (corner.terminal, "script")):
        if needed and not shutil.which(tool):
            raise NotToBeHad(f"there is no {tool}")


def run(corner: Corner, folder: Path, select: list[str]) -> str:
    """Run the suite in a corner, its output going into a log; return that."""
    check_machine(corner)
    python = make_environment(corner, folder)
    root = copy_checkout(folder / corner.checkout / "scratchnet") if corner.checkout else ROOT
    cwd = folder / corner.cwd if corner.cwd else root
    cwd.mkdir(parents=True, exist_ok=True)
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    environment |= {name: text for name, text in corner.environment.items() if text is not None}
    for name in (name for name, text in corner.environment.items() if text is None):
        environment.pop(name, None)
    if corner.startup:
        place = folder / f"startup-{corner.name}"
        place.mkdir(exist_ok=True)
        (place / "sitecustomize.py").write_text(corner.startup, "utf-8")
        environment["PYTHONPATH"] = str(place)
    if corner.cwd and not any(word.startswith("tests") for word in select):
        select = [str(root / "tests"), *select]
    elif corner.cwd:
        select = [str(root / word) if word.startswith("tests") else word for word in select]
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "--color=no", "--tb=short", *select]
    if corner.cores:
        command = ["taskset", "-c", corner.cores, *command]
    if corner.terminal:
        command = ["script", "-qec", shlex.join(command), "/dev/null"]
    log = folder / "logs" / f"{corner.name}.txt"
    with log.open("wb") as printed:
        subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=corner.name == "no-terminal",
            check=False,
        )
    return log.read_text("utf-8", "replace")


def counts(printed: str) -> dict[str, int]:
    """Return how many tests passed, failed and were skipped; a run that came to no end has failed."""
    closing = re.compile(r"\d+ (passed|failed|skipped|error).* in [\d.]+s")
    lines = [line for line in printed.splitlines() if closing.search(line)]
    if not lines:
        return {"failed": 1}
    found = {word.rstrip("s"): int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", lines[-1])}
    return found | {"failed": found.get("failed", 0) + found.get("error", 0)}


def main() -> int:
    """Run the corners asked for, print the table and what failed."""
    parser = argparse.ArgumentParser(description="Run the suite in the corners where other people's machines are.")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/machines"), help="environments, copies and logs")
    parser.add_argument("--only", action="append", metavar="NAME", help="this corner; may be given several times")
    parser.add_argument("--list", action="store_true", help="say which corners there are")
    parser.add_argument("--select", default="", metavar="PYTEST_ARGS", help="more arguments for pytest, in one text")
    parser.add_argument("--quick", action="store_true", help="only the files that depend most on a corner")
    given = parser.parse_args()
    if unknown := {*(given.only or ())} - {corner.name for corner in CORNERS}:
        parser.error(f"there is no corner {', '.join(sorted(unknown))}: see --list")
    chosen = [corner for corner in CORNERS if not given.only or corner.name in given.only]
    if given.list:
        print(*(f"{corner.name:12} {corner.about}" for corner in chosen), sep="\n")
        return 0
    folder = given.folder.resolve()
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    print(f"{'corner':38} {'passed':>6} {'failed':>6} {'skipped':>7} {'seconds':>7}", flush=True)
    broken = {}
    for corner in chosen:
        files = [f"tests/test_{name}.py" for name in dict.fromkeys(corner.quick.split())] if given.quick else []
        files = [name for name in files if (ROOT / name).exists()]
        start = time.perf_counter()
        try:
            printed = run(corner, folder, files + shlex.split(given.select))
        except NotToBeHad as reason:
            print(f"{corner.about:38} left out: {reason}", flush=True)
            continue
        found = counts(printed)
        figures = (found.get("passed", 0), found["failed"], found.get("skipped", 0), time.perf_counter() - start)
        print(f"{corner.about:38} {figures[0]:6} {figures[1]:6} {figures[2]:7} {figures[3]:7.0f}", flush=True)
        if found["failed"]:
            broken[corner.name] = [line for line in printed.splitlines() if line.startswith(("FAILED", "ERROR"))]
    for name, lines in broken.items():
        print(f"\n{name}: see {folder / 'logs' / name}.txt", *lines[:40], sep="\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
