"""GRU, sab kuch ek kosh (dict) mein.

bhaar = weights, jhukaav = bias, avastha = state, dvaar = gate, naya = candidate, dhaal = gradient
"""
import numpy as np


def sig(a):
    return 1 / (1 + np.exp(-a))


def naya_kosh(aakar, chhipa, rng):
    kosh = {}
    for dvaar in ("badlo", "bhulo", "naya"):
        kosh["W_" + dvaar] = rng.normal(size=(aakar, chhipa)) * 0.3
        kosh["U_" + dvaar] = rng.normal(size=(chhipa, chhipa)) * 0.3
        kosh["j_" + dvaar] = np.zeros(chhipa)
    return kosh


def aage(kosh, x, avastha):
    """x: (samay, samooh, aakar) -> saari avasthayen, smriti"""
    sab, smriti = [], []
    for xt in x:
        pehle = avastha
        u = sig(xt @ kosh["W_badlo"] + pehle @ kosh["U_badlo"] + kosh["j_badlo"])
        b = sig(xt @ kosh["W_bhulo"] + pehle @ kosh["U_bhulo"] + kosh["j_bhulo"])
        bp = b * pehle
        n = np.tanh(xt @ kosh["W_naya"] + bp @ kosh["U_naya"] + kosh["j_naya"])
        avastha = (1 - u) * pehle + u * n
        smriti.append({"x": xt, "pehle": pehle, "u": u, "b": b, "bp": bp, "n": n})
        sab.append(avastha)
    return np.stack(sab), smriti


def peeche(kosh, d_sab, smriti):
    dhaal = {naam: np.zeros_like(bhaar) for naam, bhaar in kosh.items()}
    d_agla = np.zeros_like(d_sab[0])
    d_x = [None] * len(smriti)
    for t in range(len(smriti) - 1, -1, -1):
        s = smriti[t]
        dh = d_sab[t] + d_agla
        du = dh * (s["n"] - s["pehle"]) * s["u"] * (1 - s["u"])
        dn = dh * s["u"] * (1 - s["n"] ** 2)
        d_bp = dn @ kosh["U_naya"].T
        db = d_bp * s["pehle"] * s["b"] * (1 - s["b"])

        d_agla = dh * s["u"]
        d_agla = d_agla + d_bp * s["b"]
        d_agla = d_agla + du @ kosh["U_badlo"].T + db @ kosh["U_bhulo"].T
        d_x[t] = du @ kosh["W_badlo"].T + db @ kosh["W_bhulo"].T + dn @ kosh["W_naya"].T

        for dvaar, d, h in (("badlo", du, s["pehle"]), ("bhulo", db, s["pehle"]), ("naya", dn, s["bp"])):
            dhaal["W_" + dvaar] += s["x"].T @ d
            dhaal["U_" + dvaar] += h.T @ d
            dhaal["j_" + dvaar] += d.sum(axis=0)
    return dhaal, np.stack(d_x), d_agla
