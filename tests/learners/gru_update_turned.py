# The update gate in the other sense, h = (1 - z) h + z h~; weights on the stacked [h, x]; results as dictionaries.
import numpy as np


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


class Model:
    @staticmethod
    def step_forward(x, h_prev, p):
        hx = np.concatenate([h_prev, x], axis=1)
        z = 1 / (1 + np.exp(-(hx @ p["W_z"] + p["b_z"])))
        r = 1 / (1 + np.exp(-(hx @ p["W_r"] + p["b_r"])))
        rhx = np.concatenate([r * h_prev, x], axis=1)
        h_tilde = np.tanh(rhx @ p["W_h"] + p["b_h"])
        h_new = (1 - z) * h_prev + z * h_tilde
        return {"h": h_new, "cache": (x, h_prev, hx, rhx, z, r, h_tilde, p)}

    @staticmethod
    def step_backward(dh, cache):
        x, h_prev, hx, rhx, z, r, h_tilde, p = cache
        H = h_prev.shape[1]
        g = {}
        dz = dh * (h_tilde - h_prev) * z * (1 - z)
        dt = dh * z * (1 - h_tilde**2)
        g["h_prev"] = dh * (1 - z)
        drhx = dt @ p["W_h"].T
        dr = drhx[:, :H] * h_prev * r * (1 - r)
        dhx = dz @ p["W_z"].T + dr @ p["W_r"].T
        g["h_prev"] = g["h_prev"] + drhx[:, :H] * r + dhx[:, :H]
        g["x"] = drhx[:, H:] + dhx[:, H:]
        for name, d, left in (("z", dz, hx), ("r", dr, hx), ("h", dt, rhx)):
            g["W_" + name] = left.T @ d
            g["b_" + name] = d.sum(axis=0)
        return g
