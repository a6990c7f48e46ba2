import numpy as np

from scratchnet.cells import GRUCell
from scratchnet.functions import sigmoid
from scratchnet.packed_sequences import Packing
from scratchnet.recurrent import Recurrent

E, H = 2, 6
LENGTHS = (3, 1)


def check(judge):
    cell_class = judge.code.cell("MyGRU")
    judge.not_empty("MyGRU")
    reference = GRUCell(E, H, dtype="float64")
    for array in reference.parameters().values():
        array[...] = judge.rng.normal(0.0, 0.7, array.shape)
    packing = Packing(LENGTHS)
    x, h_0 = judge.rng.standard_normal((packing.rows, E)), judge.rng.standard_normal((packing.batch, H))
    try:
        cell = cell_class(E, H, rng=0, dtype="float64")
    except Exception as error:
        judge.wrong("MyGRU cannot be built", where=judge.code.locate_error(error))
    mine, right = cell.parameters(), reference.parameters()
    if "b_hn" in mine:
        second_bias(judge, mine, right)
    for name, array in mine.items():
        if name not in right:
            judge.wrong(
                f"MyGRU has a parameter {name}: wanted {', '.join(right)}",
                equation="(3) the candidate's second bias is called b_hn", line=("build", name),
            )  # fmt: skip
        array[...] = right[name]
    outputs = []
    for one in (cell, reference):
        try:
            outputs.append(Recurrent(one).forward(x, packing, [{"h": h_0}])[0])
        except Exception as error:
            judge.wrong("forward stops", where=judge.code.locate_error(error))
    first = slice(0, packing.batch)
    judge.same(
        "h after the first step", outputs[0][first], outputs[1][first],
        equation="(3) n = tanh(a_n + r * (h_(t-1) W_hn + b_hn)), then (4)", axes=("sentence", "unit"),
        mistakes=other_forms(reference, x[first], h_0), line=("forward_step", "n"),
        right="h after the first step is that of reset after the product",
    )  # fmt: skip
    judge.same(
        "h after all steps", outputs[0], outputs[1], equation="(1) to (4)", axes=("row", "unit"),
        line=("forward_step", "h"), right="and so it is after all steps",
    )  # fmt: skip
    if "b_hn" not in mine:  # forward has been judged first: it says more
        second_bias(judge, mine, right)
    judge.true(
        cell.separate_da_h, "da_h is an array of its own", "da_h and da_x are one array: what is written last stays",
        equation="da_x ends in da_n, da_h in dh_n = da_n * r: two arrays, which separate_da_h = True asks for",
        looks_like="separate_da_h was left at False", line=("backward_step", "da_h", "da_x"),
    )  # fmt: skip
    judge.cell(cell_class)
    judge.right(two_biases(judge, cell_class, right, x, h_0, packing))


def second_bias(judge, mine, right):
    found, wanted = mine["b_hn"].shape if "b_hn" in mine else None, right["b_hn"].shape
    judge.true(
        found == wanted, f"b_hn is a parameter of its own, {wanted}",
        "there is no parameter b_hn" if found is None else f"b_hn has shape {found}: wanted {wanted}",
        equation="(3) b_hn (H,) is made in build: self.add_parameter(name, array)", line=("build", "b_hn"),
    )  # fmt: skip


def other_forms(cell, x, h):
    """Return what forward gives when (3) is written otherwise."""
    W_r, W_z, W_n = cell.blocks(cell.W_hh)
    a_r, a_z, a_n = cell.blocks(x @ cell.W_ih + cell.b)
    r, z, b = sigmoid(a_r + h @ W_r), sigmoid(a_z + h @ W_z), cell.b_hn

    def with_candidate(a):
        return (1 - z) * np.tanh(a) + z * h

    return {
        "reset is still before the product, (5), and there is no b_hn": with_candidate(a_n + (r * h) @ W_n),
        "reset is still before the product, (5), with b_hn added": with_candidate(a_n + (r * h) @ W_n + b),
        "reset before the product, b_hn inside r": with_candidate(a_n + (r * h) @ W_n + r * b),
        "reset is after the product, and b_hn is missing": with_candidate(a_n + r * (h @ W_n)),
        "b_hn stands outside r: there it is only a second name for b_n": with_candidate(a_n + r * (h @ W_n) + b),
        "r multiplies the input's share, too": with_candidate(r * (a_n + h @ W_n + b)),
        "r is not there at all": with_candidate(a_n + h @ W_n + b),
    }


def two_biases(judge, cell_class, weights, x, h_0, packing):
    """Say how different the gradients of the two biases are."""
    cell = cell_class(E, H, rng=0, dtype="float64")
    for name, array in cell.parameters().items():
        array[...] = weights[name]
    layer = Recurrent(cell)
    tape = layer.new_tape()
    outputs, _ = layer.forward(x, packing, [{"h": h_0}], tape)
    layer.backward(judge.rng.standard_normal(outputs.shape), None, tape)
    b_n, b_hn = cell.block(cell.db, "n"), cell.db_hn
    factors = ", ".join(f"{factor:.2f}" for factor in b_hn / b_n)
    return f"measured: db_hn / db_n, unit by unit: {factors}. One bias for both could not follow both gradients"
