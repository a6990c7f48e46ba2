"""Scores whole sentences, each for itself: the network begins every sentence with an empty head (all zero)."""

import numpy as np


class SentenceScorer:
    def __init__(self, vocab, embed, hidden):
        self.embed = np.random.randn(vocab, embed) * 0.1
        self.Wx = np.random.randn(embed, hidden) * 0.1
        self.Wh = np.random.randn(hidden, hidden) * 0.1
        self.bh = np.zeros(hidden)
        self.v = np.random.randn(hidden) * 0.1
        self.h = np.zeros(hidden)
        self.zero_grad()

    def parameters(self):
        return {"embed": self.embed, "Wx": self.Wx, "Wh": self.Wh, "bh": self.bh, "v": self.v}

    def zero_grad(self):
        self.grads = {name: np.zeros_like(w) for name, w in self.parameters().items()}

    def forward(self, words):
        """words: a list of numbers. Returns the score and the trace of this sentence."""
        self.h = np.zeros_like(self.bh)
        trace = []
        for word in words:
            before = self.h
            self.h = np.tanh(self.embed[word] @ self.Wx + before @ self.Wh + self.bh)
            trace.append((word, before, self.h))
        return self.h @ self.v, trace

    def backward(self, dscore, trace):
        """Adds to the gradients what this sentence contributes."""
        last = trace[-1][2]
        self.grads["v"] += dscore * last
        dh = dscore * self.v
        for t in range(len(trace) - 1, -1, -1):
            word, before, after = trace[t]
            da = dh * (1 - after**2)
            self.grads["Wx"] += np.outer(self.embed[word], da)
            self.grads["Wh"] += np.outer(before, da) if t > 0 else 0.0
            self.grads["bh"] += da
            self.grads["embed"][word] += self.Wx @ da
            dh = self.Wh @ da

    def fit(self, sentences, wanted, rate=0.1, epochs=10):
        for _ in range(epochs):
            for words, y in zip(sentences, wanted):
                self.zero_grad()
                score, trace = self.forward(words)
                self.backward(score - y, trace)
                for name, w in self.parameters().items():
                    w -= rate * self.grads[name]
