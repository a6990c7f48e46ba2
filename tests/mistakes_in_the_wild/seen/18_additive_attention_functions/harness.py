import code


def harness(m, r):
    shapes = dict(Wx=(3, 4), Wc=(5, 4), Ws=(4, 4), b=(4,), Wq=(4, 6), Wm=(5, 6), v=(6,))
    p = {name: r(*shape) for name, shape in shapes.items()}
    xs, s0, memory = r(r.T, 2, 3), r(2, 4), r(2, 3, 5)
    states, caches = m.decode(xs, s0, memory, p)
    dxs, ds0, dmemory, g = m.decode_backward(r.loss(states), caches, p)
    return [(xs, dxs), (s0, ds0), (memory, dmemory)] + [(p[name], g[name]) for name in p]
