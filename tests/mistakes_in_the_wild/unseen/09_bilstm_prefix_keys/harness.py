import code


def harness(m, r):
    D, H = 3, 4
    P = {}
    for pre in ("f_", "b_"):
        for g in "ifoa":
            P[pre + "W" + g] = r(H, H + D)
            P[pre + "b" + g] = r(H)
    X = r(r.T, D)
    vector, kept = m.encode(X, P)
    dX, grads = m.encode_backward(r.loss(vector), P, kept)
    return [(X, dX)] + [(P[k], grads[k]) for k in P]
