"""Exercise 15: layers on top of one another with dropout between them, as in somebody's notebook.

(1)  m = 1 / keep with probability keep, else 0        drawn for each entry
(2)  y = m * x                                         between two layers
(3)  dx = m * dy
"""


def stack_forward(layers, x, packing, keep, rng):
    """Return the top layer's outputs (N, H), and a tape for stack_backward.

    layers: bottom first. x: (N, E), the rows of all steps. keep: how probable it is that an entry stays. rng: draws.
    """
    # --- your code begins ---
    tapes, masks = [layer.new_tape() for layer in layers], []
    # --- start ---
    # tapes = [layer.new_tape() for layer in layers]
    # --- both ---
    for k in range(len(layers)):
        if k > 0:
            # --- solution ---
            masks.append((rng.random(x.shape) < keep) / keep)  # (1)
            x = masks[-1] * x  # (2)
            # --- start ---
            #         m = (rng.random(x.shape) < keep) / keep  # (1)
            #         x = m * x  # (2)
            # --- both ---
        x, _ = layers[k].forward(x, packing, None, tapes[k])
    # --- solution ---
    return x, (tapes, masks)
    # --- start ---
    # return x, (tapes, keep, rng)
    # --- your code ends ---


def stack_backward(layers, d_outputs, tape):
    """Accumulate the gradients of all layers; return dL/dx (N, E) for d_outputs = dL/d(outputs) (N, H)."""
    # --- your code begins ---
    tapes, masks = tape
    # --- start ---
    # tapes, keep, rng = tape
    # --- both ---
    d = d_outputs
    for k in reversed(range(len(layers))):
        d, _ = layers[k].backward(d, None, tapes[k])
        if k > 0:
            # --- solution ---
            d = masks[k - 1] * d  # (3)
            # --- start ---
            #         m = (rng.random(d.shape) < keep) / keep  # (1)
            #         d = m * d  # (3)
            # --- both ---
    return d
    # --- your code ends ---
