"""Several tanh layers on top of each other, characters in, characters out; weights in lists, one entry per layer."""

import numpy as np


class DeepCharRNN:
    def __init__(self, vocab_size, hidden_size, num_layers):
        sizes = [vocab_size] + [hidden_size] * (num_layers - 1)
        self.num_layers = num_layers
        self.Wxh = [np.random.randn(hidden_size, n) * 0.01 for n in sizes]
        self.Whh = [np.random.randn(hidden_size, hidden_size) * 0.01 for _ in sizes]
        self.bh = [np.zeros((hidden_size, 1)) for _ in sizes]
        self.Why = np.random.randn(vocab_size, hidden_size) * 0.01
        self.by = np.zeros((vocab_size, 1))

    def forward(self, ids, targets, hprev):
        """hprev: a list, the state of every layer. Returns the loss and what backward needs."""
        xs, hs, ps = {}, {-1: hprev}, {}
        loss = 0.0
        for t in range(len(ids)):
            xs[t] = np.zeros((self.by.shape[0], 1))
            xs[t][ids[t]] = 1
            below = xs[t]
            hs[t] = []
            for layer in range(self.num_layers):
                a = self.Wxh[layer] @ below + self.Whh[layer] @ hs[t - 1][layer] + self.bh[layer]
                below = np.tanh(a)
                hs[t].append(below)
            y = self.Why @ below + self.by
            ps[t] = np.exp(y) / np.sum(np.exp(y))
            loss += -np.log(ps[t][targets[t], 0])
        return loss, (xs, hs, ps)

    def backward(self, targets, cache):
        xs, hs, ps = cache
        dWxh = [np.zeros_like(w) for w in self.Wxh]
        dWhh = [np.zeros_like(w) for w in self.Whh]
        dbh = [np.zeros_like(b) for b in self.bh]
        dWhy, dby = np.zeros_like(self.Why), np.zeros_like(self.by)
        dhnext = [np.zeros_like(h) for h in hs[0]]
        for t in reversed(range(len(xs))):
            dy = np.copy(ps[t])
            dy[targets[t]] -= 1
            dWhy += dy @ hs[t][-1].T
            dby += dy
            dabove = self.Why.T @ dy
            for layer in reversed(range(self.num_layers)):
                below = hs[t][layer - 1] if layer > 0 else xs[t]
                dh = self.Why.T @ dy + dhnext[layer]
                draw = (1 - hs[t][layer] ** 2) * dh
                dbh[layer] += draw
                dWxh[layer] += draw @ below.T
                dWhh[layer] += draw @ hs[t - 1][layer].T
                dhnext[layer] = self.Whh[-1].T @ draw
                dabove = self.Wxh[layer].T @ draw
        return dWxh, dWhh, dbh, dWhy, dby

    def sample(self, h, seed, n):
        out = []
        for _ in range(n):
            _, (_, hs, ps) = self.forward([seed], [seed], h)
            h = hs[0]
            seed = int(np.argmax(ps[0]))
            out.append(seed)
        return out
