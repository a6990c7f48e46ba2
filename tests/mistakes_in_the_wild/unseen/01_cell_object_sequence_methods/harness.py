import code


def harness(m, r):
    cell = r.new(m.Cell, 3, 4)
    xs, h = [r(2, 3) for _ in range(r.T)], r(2, 4)
    dxs, dh = cell.backward_sequence([r.loss(output) for output in cell.forward_sequence(xs, h)])
    pairs = [(cell.w1, cell.dw1), (cell.w2, cell.dw2), (cell.w3, cell.dw3), (cell.b1, cell.db1), (cell.b2, cell.db2)]
    return [*zip(xs, dxs), (h, dh), *pairs]
