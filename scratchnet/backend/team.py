"""A product shared by threads that are awake: what a time loop needs, whose steps take a tenth of a millisecond.

Waking a thread takes nearly as long as such a step. So the helpers wait with open eyes: compiled code that looks at one
word of memory until there is work, and goes to sleep after a while without any. Nobody waits for a helper that sleeps:
the product is cut into tiles, whoever is there takes the next one, and if nobody comes the caller takes all of them.
The tiles are the same however many work on them, and so are the bits.

    STATE       number of the job, how many tiles it has, and the next tile that nobody has taken, in one word. Taking
                a tile adds one to that word, if it is still what it was when the job was read. So whoever has
                a tile has read the job that it belongs to, and no other is written before that tile is done.
    FINISHED    tiles that are done; the caller returns when all are.
    ASLEEP      helpers that sleep, until BELL changes. REST is 1 when they should, as no more jobs are expected.
    JOB         where the matrices lie, and their sizes.

Read next: atomics.py.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import threading
from functools import cache
from typing import Any

import numpy as np
from numba import float32, njit

from scratchnet.backend.atomics import add, load, multiply, pause, replace, sleep_while, store, wake_all
from scratchnet.backend.base import Array
from scratchnet.backend.blas import multiply_address

ROWS, COLUMNS = 32, 64  # of a tile
HEIGHT, DEPTH = 8, 1024  # of one product: rows, and terms of a sum; times COLUMNS that is below blas.SMALL
WORTHWHILE, LARGEST = 1 << 18, 1 << 20  # multiplications; weights, in float32: beyond, they are in nobody's cache
BITS = 20
MOST = (1 << BITS) - 1  # tiles of a job
STATE, FINISHED, ASLEEP, BELL, REST, JOB, WORDS = 0, 8, 16, 24, 32, 40, 56  # each on a cache line of its own
BYTES = 8  # of a word
LOOKS = 20_000  # at the state, before a helper goes to sleep: a third of a millisecond


@njit(nogil=True, cache=True)
def compute_tile(job: Any, tile: Any) -> None:
    """Compute one tile of a product."""
    where, m, n, k, a, a_row, b, b_row, c, c_row = job
    tiles_down = (m + ROWS - 1) // ROWS
    left, top = tile // tiles_down * COLUMNS, tile % tiles_down * ROWS
    width, bottom = min(COLUMNS, n - left), min(m, top + ROWS)
    for start in range(0, k, DEPTH):
        for row in range(top, bottom, HEIGHT):
            multiply(
                where,
                min(HEIGHT, bottom - row),
                width,
                min(DEPTH, k - start),
                a + 4 * (row * a_row + start),
                a_row,
                b + 4 * (start * b_row + left),
                b_row,
                float32(0.0) if start == 0 else float32(1.0),
                c + 4 * (row * c_row + left),
                c_row,
            )


@njit(nogil=True, cache=True)
def take_tiles(board: Any) -> Any:
    """Take tiles until all have been taken; return how many this thread took."""
    at, taken = board.ctypes.data, 0
    while True:
        state: Any = load(at)
        if state & MOST >= (state >> BITS) & MOST:
            return taken
        b = board[JOB:]
        job = (b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9])
        if replace(at, state, state + 1):
            compute_tile(job, state & MOST)
            add(at + BYTES * FINISHED, 1)
            taken += 1


@njit(nogil=True, cache=True)
def help_out(board: Any, syscall: Any) -> None:
    """Take tiles for ever, asleep whenever there have been none for a while, or none are to come."""
    at, looks = board.ctypes.data, 0
    while True:
        rung: Any = load(at + BYTES * BELL)
        if take_tiles(board) > 0:
            looks = 0
        elif looks < LOOKS and load(at + BYTES * REST) == 0:
            looks += 1
            pause()
        else:
            add(at + BYTES * ASLEEP, 1)
            sleep_while(syscall, at + BYTES * BELL, rung)  # not if the bell has been rung since
            add(at + BYTES * ASLEEP, -1)
            looks = 0


@njit(nogil=True, cache=True)
def share_out(board: Any, where: Any, syscall: Any, left: Any, right: Any, out: Any) -> None:
    """Write left @ right to `out`, together with whoever is awake, and wake the others for the next time."""
    at = board.ctypes.data
    (m, k), n = left.shape, right.shape[1]
    tiles = (m + ROWS - 1) // ROWS * ((n + COLUMNS - 1) // COLUMNS)
    job = board[JOB:]  # all tiles of the last one are done, and whoever still reads it will find the state changed
    job[0], job[1], job[2], job[3] = where, m, n, k
    job[4], job[5] = left.ctypes.data, left.strides[0] // left.itemsize
    job[6], job[7] = right.ctypes.data, right.strides[0] // right.itemsize
    job[8], job[9] = out.ctypes.data, out.strides[0] // out.itemsize
    store(at + BYTES * FINISHED, 0)
    number = (load(at) >> (2 * BITS)) + 1 & MOST
    store(at + BYTES * REST, 0)
    store(at, (number << (2 * BITS)) | (tiles << BITS))
    if load(at + BYTES * ASLEEP) > 0:
        add(at + BYTES * BELL, 1)
        wake_all(syscall, at + BYTES * BELL)
    take_tiles(board)
    while load(at + BYTES * FINISHED) < tiles:
        pause()


class Team:
    """The caller and `threads` - 1 helpers, who are started when there is something to multiply.

    Only where `blas.quick_with_small_products`, and helpers only on Linux.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads if sys.platform == "linux" and platform.machine() == "x86_64" else 1
        self.where, self.syscall = multiply_address(), syscall_address() if self.threads > 1 else 0
        self.busy = threading.Lock()
        self.board = new_board()
        self.process = 0

    def takes(self, left: Array, right: Array) -> bool:
        """Tell whether this is a product for a team: float32, of a size that pays, rows that lie in one piece each."""
        matrices = left.ndim == right.ndim == 2 and left.dtype == right.dtype == np.float32
        pays = matrices and left.size * right.shape[1] >= WORTHWHILE and right.size <= LARGEST
        return bool(pays and left.strides[1] == right.strides[1] == right.itemsize)

    def product(self, left: Array, right: Array) -> Array:
        """Return left @ right, which this team must take."""
        out = np.empty((len(left), right.shape[1]), np.float32)
        if not self.busy.acquire(blocking=False):  # another thread of the program multiplies: this one works alone
            share_out(new_board(), self.where, self.syscall, left, right, out)
            return out
        try:
            if self.process != os.getpid():
                self.start()
            share_out(self.board, self.where, self.syscall, left, right, out)
        finally:
            self.busy.release()
        return out

    def rest(self) -> None:
        """Let the helpers sleep: nothing is to be multiplied for a while, and others want the cores."""
        self.board[REST] = 1

    def start(self) -> None:
        """Start the helpers, in a forked process anew: threads stay behind there."""
        self.process, self.board = os.getpid(), new_board()
        for _ in range(self.threads - 1):
            threading.Thread(target=help_out, args=(self.board, self.syscall), name="scratchnet", daemon=True).start()


@cache
def team_of(threads: int) -> Team:
    """Return the one team of this size that all backends of the program share: its helpers stay for good."""
    return Team(threads)


def new_board() -> Array:
    """Return the words that the members of a team share: no job yet."""
    return np.zeros(WORDS, np.int64)


def syscall_address() -> int:
    """Return the address of the C library's function `syscall`."""
    return ctypes.cast(ctypes.CDLL(None).syscall, ctypes.c_void_p).value or 0
