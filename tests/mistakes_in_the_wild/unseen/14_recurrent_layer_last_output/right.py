"""A recurrent layer in the manner of a small framework: forward and backward leave their results as attributes."""

import numpy as np


class RecurrentLayer:
    """Parameters
    ----------
    n_inputs, n_hidden : int
    return_sequences : bool
        Whether the output is every hidden state (N, T, H) or the last one only (N, H).
    """

    def __init__(self, n_inputs, n_hidden, return_sequences=False):
        k = 1 / np.sqrt(n_hidden)
        self.n_hidden = n_hidden
        self.return_sequences = return_sequences
        self.input_weights = np.random.uniform(-k, k, (n_inputs, n_hidden))
        self.hidden_weights = np.random.uniform(-k, k, (n_hidden, n_hidden))
        self.bias = np.random.uniform(-k, k, n_hidden)

    def forward(self, inputs, initial):
        self.inputs, self.initial = inputs, initial
        n_samples, timestamps = inputs.shape[:2]
        self.hidden_states = np.zeros((n_samples, timestamps, self.n_hidden))
        state = initial
        for t in range(timestamps):
            net = inputs[:, t, :] @ self.input_weights + state @ self.hidden_weights + self.bias
            state = np.tanh(net)
            self.hidden_states[:, t, :] = state
        self.output = self.hidden_states.copy() if self.return_sequences else state

    def backward(self, delta):
        """delta : gradient of self.output, of the same shape."""
        timestamps = self.inputs.shape[1]
        self.dinput_weights = np.zeros_like(self.input_weights)
        self.dhidden_weights = np.zeros_like(self.hidden_weights)
        self.dbias = np.zeros_like(self.bias)
        self.dinputs = np.zeros_like(self.inputs)
        next_gradient = None

        for t in range(timestamps - 1, -1, -1):
            if delta.ndim == 3:
                gradient = delta[:, t, :].copy()
            else:
                gradient = delta.copy() if t == timestamps - 1 else np.zeros_like(delta)
            if next_gradient is not None:
                gradient += next_gradient @ self.hidden_weights.T
            gradient *= 1 - self.hidden_states[:, t, :] ** 2
            next_gradient = gradient

            before = self.hidden_states[:, t - 1, :] if t > 0 else self.initial
            self.dhidden_weights += before.T @ gradient
            self.dinput_weights += self.inputs[:, t, :].T @ gradient
            self.dbias += gradient.sum(axis=0)
            self.dinputs[:, t, :] = gradient @ self.input_weights.T
        self.dinitial = next_gradient @ self.hidden_weights.T
