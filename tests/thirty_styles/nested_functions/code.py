import numpy as np


def lstm_regression(X, Y, W, b, V, c):
    """
    One pass over one series.
    X: (T, d) inputs, Y: (T, m) targets, W: (d + k, 4k), b: (4k,), V: (k, m), c: (m,)
    Returns the mean squared error and a dict of gradients.
    """
    T, d = X.shape
    k = V.shape[0]
    S = np.zeros((T + 1, k))  # cells, the row 0 is the start
    H = np.zeros((T + 1, k))
    A = np.zeros((T, 4, k))  # the gates: forget, input, output, candidate
    Z = np.zeros((T, d + k))
    dA = np.zeros((T, 4 * k))

    def squash(v):
        return 1 / (1 + np.exp(-v))

    def forward():
        def step(t):
            Z[t] = np.r_[X[t], H[t]]
            raw = (Z[t] @ W + b).reshape(4, k)
            A[t] = np.vstack([squash(raw[:3]), np.tanh(raw[3:])])
            S[t + 1] = A[t, 0] * S[t] + A[t, 1] * A[t, 3]
            H[t + 1] = A[t, 2] * np.tanh(S[t + 1])

        for t in range(T):
            step(t)
        return H[1:] @ V + c

    def backward(dP):
        from_above = dP @ V.T
        carry_h = np.zeros(k)
        carry_s = np.zeros(k)

        def slope(t):
            gates = A[t]
            return np.vstack([gates[:3] * (1 - gates[:3]), 1 - gates[3:] ** 2])

        def step(t):
            nonlocal carry_h, carry_s
            dh = from_above[t] + carry_h
            th = np.tanh(S[t + 1])
            ds = dh * A[t, 2] * (1 - th * th) + carry_s
            local = np.vstack([ds * S[t], ds * A[t, 3], dh * th, ds * A[t, 1]])
            dA[t] = (local * slope(t)).ravel()
            carry_h = W[d:] @ dA[t]
            carry_s = ds * A[t, 0]

        for t in range(T - 1, -1, -1):
            step(t)
        return {"W": Z.T @ dA, "b": dA.sum(0), "V": H[1:].T @ dP, "c": dP.sum(0), "X": dA @ W[:d].T}

    P = forward()
    error = P - Y
    return np.mean(error ** 2), backward(2 * error / error.size)
