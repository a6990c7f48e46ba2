"""The stand-in itself: what it refuses, what it counts, and what its fused functions do not know."""

from typing import Any

import numpy as np
import pytest
from strict import StrictBackend


@pytest.fixture
def strict() -> StrictBackend:
    """A fresh device, its counts at zero."""
    return StrictBackend()


HOST = np.ones(3)
REFUSED = {
    "a NumPy operand on the right": lambda a: a + HOST,
    "a NumPy operand on the left": lambda a: HOST * a,
    "a list as an operand": lambda a: a * [1.0, 2.0, 3.0],
    "adding a device array to a NumPy array in place": lambda a: np.add(HOST, a, out=HOST),
    "a NumPy array as output": lambda a: np.tanh(a, out=HOST),
    "a NumPy array as index": lambda a: a[np.array([0, 1])],
    "a list as index": lambda a: a[[0, 1]],
    "a NumPy mask": lambda a: a[HOST > 0],
    "a device array as index of a NumPy array": lambda a: HOST[a],
    "writing a NumPy array": lambda a: a.__setitem__(slice(None), HOST),
    "conversion to NumPy": lambda a: np.asarray(a),
    "joining with a NumPy array": lambda a: np.concatenate([a, HOST]),
    "a function that CuPy lacks": lambda a: np.lexsort((a, a)),
    "a reduction with NumPy": lambda a: np.add.reduce(a),
    "a loop over elements": lambda a: list(a),
    "summing with Python": lambda a: sum(a),
    "a product with a number": lambda a: np.matmul(a, 2.0),
    "an array of another device": lambda a: a + StrictBackend().asarray(HOST),
}


@pytest.mark.parametrize("use", REFUSED.values(), ids=REFUSED.keys())
def test_the_stand_in_refuses(use: Any, strict: StrictBackend) -> None:
    with pytest.raises(TypeError):
        use(strict.asarray(HOST.copy()))


def test_numpy_functions_of_the_same_name_run_on_the_device(strict: StrictBackend) -> None:
    array = strict.asarray(HOST)
    for found in (np.concatenate([array, array]), np.zeros_like(array), np.argsort(array), np.tanh(array)):
        assert isinstance(found, strict.xp.ndarray)
    assert strict.device.to_host == 0


def test_the_stand_in_counts_values_fetched_by_the_way(strict: StrictBackend) -> None:
    array = strict.asarray(np.array(2.0))
    assert (float(array), int(array), bool(array), array.item()) == (2.0, 2, True, 2.0)
    assert (strict.device.to_host, strict.device.waits) == (4, 4)


def test_memory_never_written_on_the_stand_in_is_not_a_number(strict: StrictBackend) -> None:
    assert np.isnan(strict.to_numpy(strict.xp.empty((2, 3), np.float32))).all()
