"""The corners that machines.py runs the suite in: what differs from one machine to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

# Names of NumPy 2.4 and of the versions before it; each ignores those that it does not know.
AVX512 = "X86_V4 AVX512_ICL AVX512_SPR AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL"
Variables = dict[str, str | None]
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
NO_TIMERS = """
import signal
for name in ("setitimer", "getitimer", "alarm", "SIGALRM", "ITIMER_REAL"):
    delattr(signal, name)
"""
SPAWN = "import multiprocessing; multiprocessing.set_start_method('spawn')"
NUMBERS = "backend bridge cells compiled decoding functions layers losses optim packed_sequences products recompute"
NUMBERS += " recurrent resume scatter scores seq2seq seq2seq_step stack strict_backend strict_training tape training"
OUTSIDE = "architecture bench checkpoint cli corpora docs documents gradcheck gradcheck_cli_report learn_commands"
OUTSIDE += " progress readers resume run_folder training translation usercode user_cell vocabulary"


@dataclass(frozen=True)
class Corner:
    """One place to run the suite in. Where a corner says nothing it is as this machine is.

    environment: variables to set; None: to unset. versions: "lowest" or "newest" of what setup.cfg asks for, in an
    environment of its own. python: its Python. without: packages left out of it. startup: run by every Python process
    as it starts. cores: for taskset. checkout: a folder to copy the files to. cwd: another working directory.
    flag: what the processor must have. quick: the files that --quick runs.
    """

    name: str
    about: str
    environment: Variables = field(default_factory=dict)
    versions: str = ""
    python: str = ""
    without: tuple[str, ...] = ()
    startup: str = ""
    cores: str = ""
    checkout: str = ""
    cwd: str = ""
    terminal: bool = False
    flag: str = ""
    quick: str = NUMBERS


def kernel(name: str, flag: str = "") -> Corner:
    """Return the corner of one OpenBLAS kernel."""
    return Corner(name.lower(), f"OpenBLAS kernel {name}", {"OPENBLAS_CORETYPE": name}, flag=flag)


def threads(number: int) -> Corner:
    """Return the corner of so many BLAS threads."""
    return Corner(f"threads-{number}", f"BLAS threads: {number}", dict.fromkeys(THREADS, str(number)))


C_LOCALE: Variables = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ACTIONS: Variables = {"CI": "true", "GITHUB_ACTIONS": "true", "FORCE_COLOR": "1"}
CORNERS = (
    Corner("here", "this machine and environment as they are", quick=f"{NUMBERS} {OUTSIDE}"),
    kernel("Prescott"),
    kernel("Nehalem"),
    kernel("Sandybridge", "avx"),
    kernel("Haswell", "avx2"),
    kernel("Zen", "avx2"),
    kernel("SkylakeX", "avx512bw"),
    threads(1),
    threads(2),
    threads(4),
    Corner("one-core", "one core", cores="0"),
    Corner(
        "no-avx512",
        "NumPy without AVX-512",
        {"NPY_DISABLE_CPU_FEATURES": AVX512},
        flag="avx512f",
    ),
    Corner(
        "no-avx2",
        "NumPy without AVX2",
        {"NPY_DISABLE_CPU_FEATURES": f"X86_V3 AVX2 FMA3 {AVX512}"},
        flag="avx2",
    ),
    Corner("lowest", "lowest versions declared", versions="lowest", quick=f"{NUMBERS} {OUTSIDE}"),
    Corner("newest", "newest versions, no PyTorch", versions="newest", quick=f"{NUMBERS} {OUTSIDE}"),
    *(
        Corner(f"python{minor}", f"Python {minor}", versions="newest", python=minor, quick=f"{NUMBERS} {OUTSIDE}")
        for minor in ("3.11", "3.12", "3.13", "3.14")
    ),
    Corner("no-numba", "without Numba", versions="newest", without=("numba",), quick=f"{NUMBERS} {OUTSIDE}"),
    Corner("no-home", "a home that cannot be written", {"HOME": "/dev/null/home"}, quick=OUTSIDE),
    Corner("cwd", "another working directory", cwd="elsewhere", quick=OUTSIDE),
    Corner("path", "a path with a space and Devanagari", checkout="पाठ और code", quick=OUTSIDE),
    Corner("c-locale", "LANG=C, PYTHONUTF8=0", C_LOCALE, quick=OUTSIDE),
    Corner("no-terminal", "no terminal", {"TERM": None, "COLUMNS": None}, quick=OUTSIDE),
    Corner("terminal", "a terminal", {"TERM": "xterm-256color"}, terminal=True, quick=OUTSIDE),
    Corner("columns-60", "a terminal of 60 columns", {"COLUMNS": "60"}, terminal=True, quick=OUTSIDE),
    Corner("actions", "GitHub Actions, colours forced", ACTIONS, quick=OUTSIDE),
    Corner("no-timers", "no timer signals, as on Windows", startup=NO_TIMERS, quick=OUTSIDE),
    Corner("spawn", "processes spawned, not forked", startup=SPAWN, quick=OUTSIDE),
)
