"""A product that several threads share: the same bits however many take part, whoever sleeps, and whoever else asks."""

import os
import threading
import time

import numpy as np
import pytest

pytest.importorskip("numba", reason="the shared product is compiled by Numba")

from scratchnet.backend.blas import multiply_address, quick_with_small_products

if not multiply_address():
    pytest.skip("this NumPy does not bring OpenBLAS", allow_module_level=True)

from scratchnet.backend import get_backend
from scratchnet.backend.team import ASLEEP, DEPTH, LARGEST, REST, WORTHWHILE, Team

SHAPES = [(1, 1, 1), (64, 256, 1024), (33, 17, 65), (7, 2 * DEPTH + 3, 40), (200, 64, 128), (3, 5, 130)]


def operands(shape: tuple[int, int, int], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return random matrices (n, K) and (K, M) in float32."""
    rng = np.random.default_rng(seed)
    rows, inner, columns = shape
    return rng.standard_normal((rows, inner), np.float32), rng.standard_normal((inner, columns), np.float32)


def slept(team: Team, seconds: float = 10.0) -> bool:
    """Wait until all helpers sleep; return whether they do."""
    until = time.monotonic() + seconds
    while team.board[ASLEEP] < team.threads - 1 and time.monotonic() < until:
        threading.Event().wait(0.001)
    return bool(team.board[ASLEEP] == team.threads - 1)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_it_is_the_product_to_the_rounding_of_its_sums(shape: tuple[int, int, int], threads: int) -> None:
    left, right = operands(shape)
    found = Team(threads).product(left, right)
    scale = np.abs(left).astype(np.float64) @ np.abs(right)
    assert np.all(np.abs(found - left.astype(np.float64) @ right) < 1e-6 * scale)


def test_operands_may_be_parts_of_larger_arrays() -> None:
    wide, tall = operands((40, 300, 900))
    left, right = wide[::2, 10:138], tall[10:138, 100:420]
    np.testing.assert_array_equal(Team(2).product(left, right), Team(1).product(left.copy(), right.copy()))


def test_thousands_of_products_have_the_bits_of_one_thread_alone() -> None:
    team, alone = Team(4), Team(1)
    for number in range(3000):
        shape = SHAPES[1 + number % 5] if number % 50 == 0 else (5 + number % 60, 16, 64 + number % 100)
        left, right = operands(shape, number)
        assert np.array_equal(team.product(left, right), alone.product(left, right))
        if number % 97 == 0:
            team.rest()


def test_helpers_sleep_when_told_and_when_nothing_comes_and_wake_again() -> None:
    team, (left, right) = Team(3), operands((64, 64, 256))
    wanted = Team(1).product(left, right)
    for told in (True, False, True):
        assert np.array_equal(team.product(left, right), wanted)
        if told:
            team.rest()
        assert slept(team)
        assert team.board[REST] == told
    assert np.array_equal(team.product(left, right), wanted)


def test_two_threads_of_a_program_may_ask_at_once() -> None:
    team, pairs = Team(2), [operands((64, 128, 512), seed) for seed in range(4)]
    wanted, wrong = [Team(1).product(*pair) for pair in pairs], []

    def ask(number: int) -> None:
        for _ in range(200):
            if not np.array_equal(team.product(*pairs[number]), wanted[number]):
                wrong.append(number)

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(60)
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_has_helpers_of_its_own() -> None:
    team, (left, right) = Team(2), operands((64, 64, 256))
    wanted = team.product(left, right)
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(team.product(left, right), wanted) and team.process == os.getpid() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_it_takes_what_pays_and_what_it_can_read() -> None:
    team, (left, right) = Team(2), operands((64, 128, 512))
    assert team.takes(left, right)
    assert not team.takes(left[:1, :1], right[:1])  # too little
    assert not team.takes(left, np.zeros((128, LARGEST), np.float32))
    assert not team.takes(left.astype(np.float64), right.astype(np.float64))
    assert not team.takes(np.asfortranarray(left), right)
    assert not team.takes(left, np.asfortranarray(right))
    assert not team.takes(left[0], right)
    assert left.size * 512 > WORTHWHILE


def test_the_numba_backend_shares_a_loops_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scratchnet.backend.compiled.quick_with_small_products", lambda: True)
    backend, (left, right) = get_backend("numba"), operands((64, 128, 512))
    found = left @ backend.recurrent_weights(right)
    assert np.array_equal(found, Team(1).product(left, right))
    backend.loop_is_over()
    assert isinstance(quick_with_small_products(), bool)
