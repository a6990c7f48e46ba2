"""Figures to keep: the page docs/speed.md.

Read next: ../backend/__init__.py.
"""

from __future__ import annotations

from scratchnet.bench.cases import CASES, DECODE
from scratchnet.bench.results import Results
from scratchnet.bench.table import tables

EXPLANATIONS = {
    "Speed": """\
Target tokens a second (END counted, padding not), the median over the turns. A ratio is how many times as fast this
library is, pair of turns by pair of turns: the median, and in brackets the smallest and the largest. `torch` is the
same model in PyTorch as one writes it there; `torch, valid only`, for sentences of different lengths, drops the padding
before the output layer. `products alone` is the floor: a step's matrix products and nothing else; "of the floor" is
the share of its rate that is reached. MiB is the most memory that a process ever held.""",
    "Where a step's time goes, in milliseconds": """\
Measured on the real step, with a clock around the library's own methods. `products` are the matrix products with their
biases, `scatter` is looking embeddings up and adding to them, `rest` is copies, indices and the Python of the
time loop. Beside them: the products alone, and what they would take if each were as fast as the fastest large one.""",
    "The model of Sutskever, Vinyals and Le (2014)": """\
Four layers of 1,000 cells in each half, random weights and words, gradient descent without momentum, as in the paper.
Words of both languages count; days are what 7.5 passes over 12 million pairs (652 million words) would take. The paper
reports 6,300 words/s on eight GPUs of its day: ten days.""",
    "From starting Python to a small model, in seconds": "The best of three, with compiled code in its cache.",
}
METHOD = """\
## How it is measured

A step is forward, loss, backward, clipping by the global norm and the optimizer's update, in float32. Every contestant
is a process of its own, since the thread pools of two libraries in one process fight over the cores, and they take
turns at blocks of the same steps on the same batches. Before, each gets the same weights and the same batch, and loss
and all gradients are compared; a relative difference above 0.0001 ends the measurement. PyTorch's optimizer is the
fastest of its forms, found by trying. Batches are made ready before the clock starts.
"""


def page(results: Results, command: str) -> str:
    """Return the page, in Markdown, with the command that makes it at its top."""
    lines = ["# Speed", "", "This page is made by", "", "```sh", command, "```", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in results.machine.items()), ""]
    for title, table in tables(results.in_order(), results.start_seconds):
        lines += [f"## {title}", "", EXPLANATIONS[title], "", table.markdown(), ""]
    lines += [METHOD, "The cases:", "", *cases_in_words(), ""]
    return "\n".join(lines)


def cases_in_words() -> list[str]:
    """Return one line of Markdown for each case."""
    found = []
    for case in CASES.values():
        low, high = case.lengths
        length = f"{high}" if low == high else f"{low} to {high}"
        words = f"{case.source_words:,} source and {case.target_words:,} target words"
        if case.name == "real":
            words, length = "the words of an English-Marathi corpus that occur twice", "real"
        work = f"greedy decoding of {case.batch} sentences" if case.work == DECODE else f"batches of {case.batch}"
        sizes = f"E {case.embedding:,}, H {case.hidden:,}, layers {case.layers}"
        found.append(f"- **{case.name}**: {words}, {sizes}, {work}, steps {length}")
    return found
