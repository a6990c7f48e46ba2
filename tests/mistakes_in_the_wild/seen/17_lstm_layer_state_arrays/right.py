"""An LSTM layer with its states in arrays (samples, time, units); a sequence in, a sequence out."""

import numpy as np


class LSTMLayer:
    def __init__(self, n_inputs, n_hidden):
        rows = n_inputs + n_hidden
        self.n_inputs, self.n_hidden = n_inputs, n_hidden
        self.input_weights = np.random.uniform(-0.5, 0.5, (rows, n_hidden))
        self.forget_weights = np.random.uniform(-0.5, 0.5, (rows, n_hidden))
        self.candidate_weights = np.random.uniform(-0.5, 0.5, (rows, n_hidden))
        self.output_weights = np.random.uniform(-0.5, 0.5, (rows, n_hidden))
        self.input_bias = np.zeros(n_hidden)
        self.forget_bias = np.ones(n_hidden)
        self.candidate_bias = np.zeros(n_hidden)
        self.output_bias = np.zeros(n_hidden)

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-np.clip(x, -50, 50)))

    def forward(self, inputs):
        samples, steps = inputs.shape[:2]
        shape = (samples, steps, self.n_hidden)
        self.joined = np.zeros((samples, steps, self.n_inputs + self.n_hidden))
        self.hidden, self.cells, self.candidates = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.forgets, self.ins, self.outs = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for t in range(steps):
            h = self.hidden[:, t - 1] if t > 0 else np.zeros((samples, self.n_hidden))
            c = self.cells[:, t - 1] if t > 0 else np.zeros((samples, self.n_hidden))
            v = self.joined[:, t] = np.concatenate((inputs[:, t], h), axis=1)
            f = self.forgets[:, t] = self.sigmoid(v @ self.forget_weights + self.forget_bias)
            i = self.ins[:, t] = self.sigmoid(v @ self.input_weights + self.input_bias)
            g = self.candidates[:, t] = np.tanh(v @ self.candidate_weights + self.candidate_bias)
            o = self.outs[:, t] = self.sigmoid(v @ self.output_weights + self.output_bias)
            self.cells[:, t] = f * c + i * g
            self.hidden[:, t] = o * np.tanh(self.cells[:, t])
        return self.hidden

    def backward(self, delta):
        samples, steps = delta.shape[:2]
        for gate in ("input", "forget", "candidate", "output"):
            setattr(self, f"d{gate}_weights", np.zeros((self.n_inputs + self.n_hidden, self.n_hidden)))
            setattr(self, f"d{gate}_bias", np.zeros(self.n_hidden))
        self.dinputs = np.zeros((samples, steps, self.n_inputs))
        next_cell = next_hidden = np.zeros((samples, self.n_hidden))
        for t in range(steps - 1, -1, -1):
            v, g = self.joined[:, t], self.candidates[:, t]
            f, i, o = self.forgets[:, t], self.ins[:, t], self.outs[:, t]
            th = np.tanh(self.cells[:, t])
            dh = delta[:, t] + next_hidden
            cell_grad = dh * o * (1 - th**2) + next_cell
            output_grad = dh * th * o * (1 - o)
            candidate_grad = cell_grad * i * (1 - g**2)
            input_grad = cell_grad * g * i * (1 - i)
            c_prev = self.cells[:, t - 1] if t > 0 else np.zeros_like(next_cell)
            forget_grad = cell_grad * c_prev * f * (1 - f)

            self.doutput_weights += v.T @ output_grad
            self.doutput_bias += output_grad.sum(axis=0)
            self.dcandidate_weights += v.T @ candidate_grad
            self.dcandidate_bias += candidate_grad.sum(axis=0)
            self.dinput_weights += v.T @ input_grad
            self.dinput_bias += input_grad.sum(axis=0)
            self.dforget_weights += v.T @ forget_grad
            self.dforget_bias += forget_grad.sum(axis=0)

            dv = output_grad @ self.output_weights.T + candidate_grad @ self.candidate_weights.T
            dv += input_grad @ self.input_weights.T + forget_grad @ self.forget_weights.T
            self.dinputs[:, t] = dv[:, : self.n_inputs]
            next_hidden = dv[:, self.n_inputs :]
            next_cell = cell_grad * f
        return self.dinputs
