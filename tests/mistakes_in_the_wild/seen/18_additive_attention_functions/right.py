"""Additive attention: a decoder state asks, the encoder's states answer. Functions, a tuple as the cache."""

import numpy as np


def attend(query, memory, Wq, Wm, v):
    """query: (N, Q), memory: (N, S, M). Returns the context (N, M), the weights (N, S) and a cache."""
    u = np.tanh((query @ Wq)[:, None, :] + memory @ Wm)
    scores = u @ v
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    alpha = e / e.sum(axis=1, keepdims=True)
    context = np.einsum("ns,nsm->nm", alpha, memory)
    return context, alpha, (query, memory, Wq, Wm, v, u, alpha)


def attend_backward(dcontext, cache):
    """Returns the gradients of query, memory, Wq, Wm, v."""
    query, memory, Wq, Wm, v, u, alpha = cache
    dalpha = np.einsum("nm,nsm->ns", dcontext, memory)
    dmemory = alpha[:, :, None] * dcontext[:, None, :]
    dscores = alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))
    dv = np.einsum("ns,nsa->a", dscores, u)
    du = dscores[:, :, None] * v
    dpre = du * (1 - u**2)
    dquery_part = dpre.sum(axis=1)
    dWq = query.T @ dquery_part
    dWm = np.einsum("nsm,nsa->ma", memory, dpre)
    dquery = dquery_part @ Wq.T
    dmemory += dpre @ Wm.T
    return dquery, dmemory, dWq, dWm, dv


def decoder_step(x, s, memory, p):
    """One step: look at the memory with the old state, then a tanh cell over word, context and state."""
    context, _, seen = attend(s, memory, p["Wq"], p["Wm"], p["v"])
    s_new = np.tanh(x @ p["Wx"] + context @ p["Wc"] + s @ p["Ws"] + p["b"])
    return s_new, (x, s, context, s_new, seen)


def decode(xs, s, memory, p):
    """xs: (T, N, D). Returns the states (T, N, H) and the caches."""
    states, caches = [], []
    for x in xs:
        s, cache = decoder_step(x, s, memory, p)
        states.append(s)
        caches.append(cache)
    return np.stack(states), caches


def decode_backward(dstates, caches, p):
    """Returns the gradients of xs, of the first state, of the memory, and of the parameters in a dictionary."""
    g = {name: np.zeros_like(w) for name, w in p.items()}
    dxs = [None] * len(caches)
    dmemory = 0.0
    ds = np.zeros_like(dstates[0])
    for t in range(len(caches) - 1, -1, -1):
        x, s, context, s_new, seen = caches[t]
        da = (dstates[t] + ds) * (1 - s_new**2)
        g["Wx"] += x.T @ da
        g["Wc"] += context.T @ da
        g["Ws"] += s.T @ da
        g["b"] += da.sum(axis=0)
        dxs[t] = da @ p["Wx"].T
        dquery, dm, dWq, dWm, dv = attend_backward(da @ p["Wc"].T, seen)
        dmemory = dmemory + dm
        g["Wq"] += dWq
        g["Wm"] += dWm
        g["v"] += dv
        ds = da @ p["Ws"].T + dquery
    return np.stack(dxs), ds, dmemory, g
