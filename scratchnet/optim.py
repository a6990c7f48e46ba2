"""Optimizers, clipping and schedules. They see named arrays, never a layer.

    SGD     v <- mu v + g;             w <- w - lr v          (Polyak 1964; Nesterov: w <- w - lr (g + mu v))
    Adam    m <- b1 m + (1 - b1) g;    v <- b2 v + (1 - b2) g^2
            w <- w - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)            (Kingma and Ba 2015, algorithm 1)
            with decoupled decay d also w <- w - lr d w                            (Loshchilov and Hutter 2019)

Momentum follows PyTorch's convention (no dampening, the rate applied after it), so that trajectories can be compared.

Read next: data/__init__.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from scratchnet.backend import NUMPY, Array, Backend
from scratchnet.errors import InputError
from scratchnet.parameters import Arrays, flat_together, zeros_beside


class Optimizer:
    """What all optimizers share: the arrays, the count of steps, and a state that can be saved and restored.

    Arguments:
        parameters, gradients: arrays by name, the same names and shapes; parameters are changed in place.
        learning_rate: used by `step()` unless that is given one.
    Raises InputError for names or shapes that do not match, and for rates out of range.
    """

    slots: tuple[str, ...] = ()

    def __init__(self, parameters: Arrays, gradients: Arrays, learning_rate: float) -> None:
        if parameters.keys() != gradients.keys():
            raise InputError(f"only a parameter or only a gradient: {sorted(parameters.keys() ^ gradients.keys())}")
        for name, array in parameters.items():
            if array.shape != gradients[name].shape:
                raise InputError(
                    f"gradient of {name!r} has shape {tuple(gradients[name].shape)}, wanted {tuple(array.shape)}"
                )
            if not (array.flags.c_contiguous and gradients[name].flags.c_contiguous):
                raise InputError(f"{name!r} or its gradient is a strided view: optimizers need C-contiguous arrays")
        check_range("learning rate", learning_rate, 0.0)
        self.parameters, self.gradients, self.learning_rate = parameters, gradients, learning_rate
        self.backend: Backend = getattr(parameters, "backend", NUMPY)
        self.steps = 0
        self.state: dict[str, Arrays] = {slot: zeros_beside(parameters) for slot in self.slots}

    def step(self, learning_rate: float | None = None) -> None:
        """Change every parameter once, by its gradient."""
        self.steps += 1
        rate = self.learning_rate if learning_rate is None else learning_rate
        for arrays in flat_together(self.parameters, self.gradients, *self.state.values()):
            self.backend.blockwise(partial(self._update_part, rate, arrays), arrays[0].size)

    def _update_part(self, rate: float, arrays: tuple[Array, ...], part: slice) -> None:
        self.update(rate, *(array[part] for array in arrays))

    def update(self, rate: float, w: Array, g: Array, *slots: Array) -> None:
        """Change a piece of a parameter `w` by its gradient `g` and its slots, all in place."""
        raise NotImplementedError

    def state_arrays(self) -> Arrays:
        """Return the state's arrays by name (themselves, not copies): what a checkpoint keeps beside `steps`."""
        return {f"{slot}.{name}": array for slot in self.slots for name, array in self.state[slot].items()}

    def load_state(self, arrays: dict[str, Any], steps: int) -> None:
        """Restore what `state_arrays` returned, and `steps`. Raises InputError where names or shapes differ."""
        mine = self.state_arrays()
        if mine.keys() != arrays.keys():
            raise InputError(f"the saved optimizer is another one: {sorted(mine.keys() ^ arrays.keys())[:3]} differ")
        for name, array in mine.items():
            if tuple(array.shape) != tuple(arrays[name].shape):
                raise InputError(f"saved {name!r} has shape {tuple(arrays[name].shape)}, wanted {tuple(array.shape)}")
        for name, array in mine.items():
            array[...] = arrays[name]
        self.steps = steps


class SGD(Optimizer):
    """Stochastic gradient descent with momentum; `nesterov` looks one step ahead."""

    slots: tuple[str, ...] = ("v",)

    def __init__(
        self,
        parameters: Arrays,
        gradients: Arrays,
        learning_rate: float = 0.1,
        momentum: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        check_range("momentum", momentum, 0.0, 1.0)
        if nesterov and momentum == 0.0:
            raise InputError("Nesterov's method needs a momentum above 0")
        self.momentum, self.nesterov = momentum, nesterov
        if momentum == 0.0:
            self.slots = ()
        super().__init__(parameters, gradients, learning_rate)

    def update(self, rate: float, w: Array, g: Array, *slots: Array) -> None:
        if not slots:
            w -= rate * g
            return
        (v,) = slots
        v *= self.momentum
        v += g
        w -= rate * (g + self.momentum * v if self.nesterov else v)


class Adam(Optimizer):
    """Adam, bias-corrected; `weight_decay` above zero is decoupled (AdamW)."""

    slots = ("m", "v")

    def __init__(
        self,
        parameters: Arrays,
        gradients: Arrays,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        check_range("beta1", beta1, 0.0, 1.0)
        check_range("beta2", beta2, 0.0, 1.0)
        check_range("epsilon", epsilon, 0.0)
        check_range("weight decay", weight_decay, 0.0)
        self.beta1, self.beta2, self.epsilon, self.weight_decay = beta1, beta2, epsilon, weight_decay
        super().__init__(parameters, gradients, learning_rate)

    def update(self, rate: float, w: Array, g: Array, *slots: Array) -> None:
        m, v = slots
        # Both bias corrections are numbers, so they are folded into the rate and the root's scale.
        corrected, scale = rate / (1.0 - self.beta1**self.steps), 1.0 / math.sqrt(1.0 - self.beta2**self.steps)
        numbers = (self.beta1, 1.0 - self.beta1, self.beta2, 1.0 - self.beta2, corrected, scale, self.epsilon)
        self.backend.pointwise(adam, (w, g, m, v, *numbers, 1.0 - rate * self.weight_decay), (w, m, v))


def adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    beta1: float,
    fresh1: float,
    beta2: float,
    fresh2: float,
    rate: float,
    scale: float,
    epsilon: float,
    keep: float,
) -> tuple[Array, ...]:
    """Return w, m and v after one step of Adam, as the equations above: elementwise, one text for every backend."""
    m = beta1 * m + fresh1 * g
    v = beta2 * v + fresh2 * (g * g)
    w = keep * w - rate * (m / (scale * np.sqrt(v) + epsilon))
    return w, m, v


def global_norm(gradients: Arrays) -> Array:
    """Return the Euclidean norm of all gradients together, an array without dimensions."""
    return np.sqrt(sum(g @ g for (g,) in flat_together(gradients)))


def clip_by_global_norm(gradients: Arrays, max_norm: float) -> Array:
    """Scale all gradients, in place, so that their common norm is at most `max_norm`; return the norm before.

    Source: Pascanu, Mikolov and Bengio (2013), algorithm 1. As in PyTorch, 1e-6 is added to the norm.
    """
    check_range("max_norm", max_norm, 0.0)
    norm = global_norm(gradients)
    # min(1, max_norm / norm) as arithmetic, so that on a device nothing has to wait for the comparison.
    scale = np.minimum(max_norm / (norm + 1e-6), 1.0)
    backend: Backend = getattr(gradients, "backend", NUMPY)
    for (gradient,) in flat_together(gradients):
        backend.blockwise(partial(_scale, gradient, scale), gradient.size)
    return norm


def _scale(array: Array, scale: Array, part: slice) -> None:
    piece = array[part]
    piece *= scale


Schedule = Callable[[int], float]


def constant(learning_rate: float) -> Schedule:
    """Return a schedule that is always `learning_rate`. Every schedule counts steps from 0."""
    check_range("learning rate", learning_rate, 0.0)
    return lambda step: learning_rate


def step_decay(learning_rate: float, every: int, factor: float = 0.5) -> Schedule:
    """Return a schedule that multiplies the rate by `factor` after every `every` steps."""
    check_range("learning rate", learning_rate, 0.0)
    check_range("every", every, 1)
    return lambda step: float(learning_rate * factor ** (step // every))


def inverse_square_root(learning_rate: float, warmup: int) -> Schedule:
    """Return a schedule that rises linearly for `warmup` steps to `learning_rate`, then falls as 1/sqrt(step).

    Source: Vaswani et al. (2017), equation 3, scaled so that the peak is `learning_rate`.
    """
    check_range("learning rate", learning_rate, 0.0)
    check_range("warmup", warmup, 1)
    return lambda step: learning_rate * min((step + 1) / warmup, math.sqrt(warmup / (step + 1)))


def cosine(learning_rate: float, total: int, final: float = 0.0) -> Schedule:
    """Return a schedule that falls from `learning_rate` to `final` along half a cosine over `total` steps.

    Source: Loshchilov and Hutter (2017), equation 5, without restarts.
    """
    check_range("learning rate", learning_rate, 0.0)
    check_range("total", total, 1)
    return lambda step: final + (learning_rate - final) * 0.5 * (1.0 + math.cos(math.pi * min(step / total, 1.0)))


def check_range(name: str, value: float, low: float, below: float = math.inf) -> None:
    """Raise InputError unless low <= value < below."""
    if not low <= value < below:
        raise InputError(f"{name} is {value!r}: it must be at least {low} and below {below}")
