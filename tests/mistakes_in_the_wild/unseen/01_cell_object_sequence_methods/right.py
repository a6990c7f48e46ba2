"""A cell with forward and backward for one step, and two methods that walk over a sequence with it."""

import numpy as np


class Cell:
    def __init__(self, input_size, hidden_size):
        self.hidden_size = hidden_size
        self.w1 = np.random.randn(input_size, hidden_size) * 0.3
        self.w2 = np.random.randn(hidden_size, hidden_size) * 0.3
        self.w3 = np.random.randn(hidden_size, hidden_size) * 0.3
        self.b1 = np.zeros((1, hidden_size))
        self.b2 = np.zeros((1, hidden_size))
        self.db1, self.db2 = np.zeros((1, hidden_size)), np.zeros((1, hidden_size))

    def relu(self, a):
        return np.maximum(0, a)

    def forward(self, x, h_prev):
        """x: (N, input), h_prev: (N, hidden). Returns the state and the output of this step."""
        sum_input = x @ self.w1 + h_prev @ self.w2
        func_out = self.relu(sum_input + self.b1)
        step_output = func_out @ self.w3 + self.b2
        self.kept.append((x, h_prev, sum_input, func_out))
        return func_out, step_output

    def forward_sequence(self, xs, h):
        self.kept = []
        outputs = []
        for x in xs:
            h, output = self.forward(x, h)
            outputs.append(output)
        return outputs

    def zero_grads(self):
        self.dw1, self.dw2, self.dw3 = np.zeros_like(self.w1), np.zeros_like(self.w2), np.zeros_like(self.w3)
        self.db1, self.db2 = np.zeros_like(self.b1), np.zeros_like(self.b2)

    def backward(self, d_out, dh_next):
        """Back through the step that was made last and is not yet undone. Returns gradients of x and h_prev."""
        x, h_prev, sum_input, func_out = self.kept.pop()
        dh = d_out @ self.w3.T + dh_next
        da = dh * (sum_input + self.b1 > 0)
        self.dw1 += x.T @ da
        self.dw2 += h_prev.T @ da
        self.dw3 += func_out.T @ d_out
        self.db1 += da.sum(axis=0, keepdims=True)
        self.db2 += d_out.sum(axis=0, keepdims=True)
        return da @ self.w1.T, da @ self.w2.T

    def backward_sequence(self, d_outputs):
        """Returns the gradients of the inputs, in their order, and of the first state."""
        self.zero_grads()
        dh = np.zeros((d_outputs[0].shape[0], self.hidden_size))
        dxs = []
        for d_out in reversed(d_outputs):
            dx, dh = self.backward(d_out, dh)
            dxs.append(dx)
        return dxs[::-1], dh
