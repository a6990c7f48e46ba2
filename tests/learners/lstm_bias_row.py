# A sequence, time first: one matrix for everything, the bias is its first row; static methods; the cell state first.
import numpy as np


class BiasRowLSTM:
    @staticmethod
    def init(input_size, hidden_size):
        W_all = np.random.randn(input_size + hidden_size + 1, 4 * hidden_size) / np.sqrt(input_size + hidden_size)
        W_all[0, :] = 0
        return W_all

    @staticmethod
    def forward(X, W_all, c0, h0):
        n, b, input_size = X.shape
        d = W_all.shape[1] // 4
        width = W_all.shape[0]
        rows = np.zeros((n, b, width))
        hs = np.zeros((n, b, d))
        acts = np.zeros((n, b, d * 4))
        gates = np.zeros((n, b, d * 4))
        C = np.zeros((n, b, d))
        squashed = np.zeros((n, b, d))
        for t in range(n):
            h_before = hs[t - 1] if t > 0 else h0
            rows[t, :, 0] = 1
            rows[t, :, 1 : input_size + 1] = X[t]
            rows[t, :, input_size + 1 :] = h_before
            acts[t] = rows[t].dot(W_all)
            gates[t, :, : 3 * d] = 1.0 / (1.0 + np.exp(-acts[t, :, : 3 * d]))
            gates[t, :, 3 * d :] = np.tanh(acts[t, :, 3 * d :])
            c_before = C[t - 1] if t > 0 else c0
            C[t] = gates[t, :, :d] * gates[t, :, 3 * d :] + gates[t, :, d : 2 * d] * c_before
            squashed[t] = np.tanh(C[t])
            hs[t] = gates[t, :, 2 * d : 3 * d] * squashed[t]
        cache = {"W_all": W_all, "hs": hs, "gates": gates, "C": C, "squashed": squashed, "rows": rows}
        cache |= {"c0": c0, "h0": h0}
        return hs, C[t], hs[t], cache

    @staticmethod
    def backward(d_out, cache, dcn, dhn):
        W_all, hs, gates, C, squashed, rows, c0, h0 = (
            cache[k] for k in ("W_all", "hs", "gates", "C", "squashed", "rows", "c0", "h0")
        )
        n, b, d = hs.shape
        input_size = W_all.shape[0] - d - 1
        dacts = np.zeros((n, b, d * 4))
        dW_all = np.zeros(W_all.shape)
        drows = np.zeros(rows.shape)
        dC = np.zeros(C.shape)
        dX = np.zeros((n, b, input_size))
        dh0 = np.zeros((b, d))
        dc0 = np.zeros((b, d))
        dhs = d_out.copy()
        dC[n - 1] += dcn
        dhs[n - 1] += dhn
        for t in reversed(range(n)):
            i, f, o, g = (gates[t, :, k * d : (k + 1) * d] for k in range(4))
            do = squashed[t] * dhs[t]
            dC[t] += (1 - squashed[t] ** 2) * (o * dhs[t])
            if t > 0:
                df = C[t - 1] * dC[t]
                dC[t - 1] += f * dC[t]
            else:
                df = c0 * dC[t]
                dc0 = f * dC[t]
            di = g * dC[t]
            dg = i * dC[t]
            dacts[t, :, 3 * d :] = (1 - g**2) * dg
            y = gates[t, :, : 3 * d]
            dacts[t, :, : 3 * d] = (y * (1 - y)) * np.hstack([di, df, do])
            dW_all += rows[t].T.dot(dacts[t])
            drows[t] = dacts[t].dot(W_all.T)
            dX[t] = drows[t, :, 1 : input_size + 1]
            if t > 0:
                dhs[t - 1] += drows[t, :, input_size + 1 :]
            else:
                dh0 += drows[t, :, input_size + 1 :]
        return dX, dW_all, dc0, dh0
