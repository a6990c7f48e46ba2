import code

import numpy as np


def harness(m, r):
    net = r.new(m.Classifier, 4, 3, 4, 3)
    lengths = np.minimum([r.T, 1, 2, r.T, 3], r.T)
    r.loss(net.loss(r.ints(4, 5, r.T), lengths, r.ints(3, 5)))
    net.backward()
    return [(getattr(net, name), getattr(net, "d" + name)) for name in ("E", "Wx", "Wh", "b", "V", "c")]
