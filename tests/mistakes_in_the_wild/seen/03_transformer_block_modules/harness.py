import code


def harness(m, r):
    block = r.new(m.Block, 4, 5)
    x = r(r.T + 1, 4)
    dx = block.back(r.loss(block(x)))
    a = block.attn
    pairs = [(x, dx)]
    for norm in (block.norm1, block.norm2):
        pairs += [(norm.g, norm.dg), (norm.s, norm.ds)]
    for linear in (block.attn.q, block.attn.k, block.attn.v, block.attn.o, block.up, block.down):
        pairs += [(linear.W, linear.dW), (linear.b, linear.db)]
    return pairs
