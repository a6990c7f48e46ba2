import numpy as np


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def check(judge):
    a = judge.rng.standard_normal((2, 4))
    y = sigmoid(a)
    judge.same(
        "sigmoid_derivative", judge.call("sigmoid_derivative", y), judge.gradient(lambda z: sigmoid(z).sum(), a),
        equation="sigmoid'(a) = y * (1 - y), with y = sigmoid(a)",
        mistakes={"the derivative of tanh, 1 - y * y": 1 - y * y,
                  "the sigmoid applied once more to y, which is a result already": sigmoid(y) * (1 - sigmoid(y)),
                  "1 - y, without the factor y": 1 - y, "y, without the factor 1 - y": y},
        axes=("row", "unit"), line=("sigmoid_derivative", "derivative"),
    )  # fmt: skip
    y = np.tanh(a)
    judge.same(
        "tanh_derivative", judge.call("tanh_derivative", y), judge.gradient(lambda z: np.tanh(z).sum(), a),
        equation="tanh'(a) = 1 - y * y, with y = tanh(a)",
        mistakes={"the derivative of the sigmoid, y * (1 - y)": y * (1 - y),
                  "tanh applied once more to y, which is a result already": 1 - np.tanh(y) ** 2,
                  "1 - y, y not squared": 1 - y},
        axes=("row", "unit"), line=("tanh_derivative", "derivative"),
    )  # fmt: skip
    dh, a_o, c = judge.rng.standard_normal((3, 2, 4))
    o, tanh_c = sigmoid(a_o), np.tanh(c)
    given = judge.call("output_backward", dh, o, tanh_c, results=("da_o", "dc"))
    judge.same(
        "da_o", given[0], judge.gradient(lambda z: (dh * sigmoid(z) * np.tanh(c)).sum(), a_o),
        equation="(6) (4) da_o = dh * tanh(c) * o * (1 - o)",
        mistakes={"the sigmoid's derivative is missing: this is do, not da_o": dh * tanh_c,
                  "tanh's derivative in place of the sigmoid's": dh * tanh_c * (1 - o * o),
                  "the factor tanh(c) is missing": dh * o * (1 - o),
                  "the derivative of tanh in place of tanh(c) itself, the other factor":
                  dh * (1 - tanh_c**2) * o * (1 - o),
                  "multiplied by o, the factor itself, instead of the other one": dh * o * o * (1 - o)},
        axes=("row", "unit"), line=("output_backward", "da_o"),
    )  # fmt: skip
    judge.same(
        "dc", given[1], judge.gradient(lambda z: (dh * o * np.tanh(z)).sum(), c),
        equation="(6) dc = dh * o * (1 - tanh(c) * tanh(c))",
        mistakes={"the derivative of tanh is missing": dh * o,
                  "that derivative taken at tanh(tanh(c)): the result was put through tanh again":
                  dh * o * (1 - np.tanh(tanh_c) ** 2),
                  "the sigmoid's derivative in place of tanh's": dh * o * tanh_c * (1 - tanh_c),
                  "the factor o is missing": dh * (1 - tanh_c**2),
                  "multiplied by tanh(c), the factor itself, instead of o": dh * tanh_c * (1 - tanh_c**2),
                  "the derivative of the sigmoid in place of o itself, the other factor":
                  dh * o * (1 - o) * (1 - tanh_c**2),
                  "the derivative of the sigmoid beside o: on the way to c there is no sigmoid":
                  dh * o * o * (1 - o) * (1 - tanh_c**2),
                  "made from da_o: dc branches off before, from dh": given[0] * o * (1 - tanh_c**2)},
        axes=("row", "unit"), line=("output_backward", "dc"),
    )  # fmt: skip
