"""A network that maps a series to several numbers, with squared error and weight decay, each as an object."""

import numpy as np


class MSE:
    """Mean over samples and outputs alike."""

    def forward(self, y_hat, y_true):
        self.y_hat, self.y_true = y_hat, y_true
        return np.mean(np.square(y_true - y_hat))

    def backward(self):
        return -2 * (self.y_true - self.y_hat) / self.y_true.size


class Decay:
    """A penalty on the recurrent weights: strength times the sum of their squares."""

    def __init__(self, strength):
        self.strength = strength

    def forward(self, w):
        return self.strength * np.sum(w**2)

    def backward(self, w):
        return 2 * self.strength * w


class SeriesNet:
    def __init__(self, input_size, hidden_size, output_size, decay=0.1):
        self.W = np.random.uniform(-1, 1, (input_size, hidden_size))
        self.R = np.eye(hidden_size)
        self.V = np.random.uniform(-1, 1, (hidden_size, output_size))
        self.bs = np.zeros((hidden_size, 1))
        self.by = np.zeros((output_size, 1))
        self.mse, self.decay = MSE(), Decay(decay)

    def forward(self, x):
        """x: (T, N, input_size). Returns (N, output_size)."""
        self.x = x
        self.a = {0: np.zeros((x.shape[1], self.R.shape[0]))}
        for i in range(len(x)):
            self.a[i + 1] = np.tanh(x[i] @ self.W + self.a[i] @ self.R + self.bs.T)
        return self.a[len(x)] @ self.V + self.by.T

    def loss(self, x, y):
        return self.mse.forward(self.forward(x), y) + self.decay.forward(self.R)

    def backward(self):
        T = len(self.x)
        d_loss = self.mse.backward()
        grads = {name: np.zeros_like(getattr(self, name)) for name in ("W", "R", "V", "bs", "by")}
        grads["V"] = self.a[T].T @ d_loss
        grads["by"] = d_loss.sum(axis=0).reshape(self.by.shape)
        delta = d_loss @ self.V.T
        for i in reversed(range(T)):
            delta = delta * (1 - self.a[i + 1] ** 2)
            grads["W"] += self.x[i].T @ delta
            grads["R"] += self.a[i].T @ delta
            grads["bs"] += delta.sum(axis=0).reshape(self.bs.shape)
            delta = delta @ self.R.T
        grads["R"] += self.decay.backward(self.R)
        return grads
