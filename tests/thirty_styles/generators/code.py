"""An Elman network whose passes are generators: they hand out one step after the other."""
import numpy as np


def forward(xs, h, U, W, b):
    for x in xs:
        previous, h = h, np.tanh(U @ x + W @ h + b)
        yield x, previous, h


def outputs(states, V, c):
    for _, _, h in states:
        yield V @ h + c


def errors(ys, targets):
    for y, target in zip(ys, targets):
        yield y - target


def backward(states, ds, U, W, V):
    """Yield for each step, the last first: dU, dW, db, dV, dc."""
    dh = np.zeros(W.shape[0])
    for (x, previous, h), d in zip(reversed(states), reversed(ds)):
        dh = V.T @ d
        da = dh * (1 - h ** 2)
        yield np.outer(da, x), np.outer(da, previous), da, np.outer(d, h), d
        dh = W.T @ da


def loss_and_gradients(xs, targets, h0, weights):
    U, W, b, V, c = weights
    states = list(forward(xs, h0, U, W, b))
    ds = list(errors(outputs(states, V, c), targets))
    loss = sum(float(d @ d) / 2 for d in ds)
    total = [np.zeros_like(w) for w in weights]
    for parts in backward(states, ds, U, W, V):
        total = [a + part for a, part in zip(total, parts)]
    return loss, total


def train(data, weights, epochs=10, rate=0.01):
    for _ in range(epochs):
        for xs, targets in data:
            loss, gradients = loss_and_gradients(xs, targets, np.zeros(len(weights[2])), weights)
            weights = [w - rate * g for w, g in zip(weights, gradients)]
        yield loss, weights
