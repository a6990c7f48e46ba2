"""Is this review a good one? Reads word vectors, column by column, and gives one score per class at the end."""

import numpy as np


class ReviewRNN:
    def __init__(self, word_size, hidden_size, classes):
        self.Wxh = np.random.randn(hidden_size, word_size) / 10
        self.Whh = np.random.randn(hidden_size, hidden_size) / 10
        self.Why = np.random.randn(classes, hidden_size) / 10
        self.bh = np.zeros((hidden_size, 1))
        self.by = np.zeros((classes, 1))

    def forward(self, words):
        h = np.zeros((self.Whh.shape[0], 1))
        self.words = words
        self.seen = {0: h}
        for i, x in enumerate(words):
            h = np.tanh(self.Wxh @ x + self.Whh @ h + self.bh)
            self.seen[i + 1] = h
        return self.Why @ h + self.by

    def probabilities(self, words):
        y = self.forward(words)
        e = np.exp(y - y.max())
        return e / e.sum()

    def loss(self, words, label):
        return -np.log(self.probabilities(words)[label, 0])

    def backprop(self, words, label):
        """Return the gradients of Wxh, Whh, Why, bh, by."""
        d_y = self.probabilities(words)
        d_y[label] -= 1
        n = len(self.words)

        d_Why = d_y @ self.seen[n].T
        d_by = d_y
        d_Whh = np.zeros_like(self.Whh)
        d_Wxh = np.zeros_like(self.Wxh)
        d_bh = np.zeros_like(self.bh)

        d_h = self.Why.T @ d_y
        for t in reversed(range(n)):
            temp = (1 - self.seen[t + 1] ** 2) * d_h
            d_bh = temp
            d_Whh = temp @ self.seen[t].T
            d_Wxh = temp @ self.words[t].T
            d_h = self.Whh @ temp
        return d_Wxh, d_Whh, d_Why, d_bh, d_by

    def train(self, data, rate=0.02):
        for words, label in data:
            grads = self.backprop(words, label)
            for w, d in zip((self.Wxh, self.Whh, self.Why, self.bh, self.by), grads):
                np.clip(d, -1, 1, out=d)
                w -= rate * d
