"""One contestant in a process of its own: thread pools of two libraries in one process fight over the cores.

The runner (pairs.py) says on standard input what to do and reads the answer from standard output, one JSON object a
line each way. In between the process sleeps, so it disturbs nobody else's turn.

    {"do": "run", "first": 24, "steps": 8, "warm": 1}    ->  {"seconds": 0.31, "tokens": 5120, "loss": 7.6}

Read next: own_peer.py.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import time
from typing import Any

from scratchnet.bench.cases import Case
from scratchnet.errors import InputError

TORCH, TORCH_VALID, PRODUCTS = "torch", "torch, valid only", "products alone"


def make_peer(contestant: str, case: Case, cell: str, threads: int, form: str = "fused") -> Any:
    """Return a contestant: a backend of this library by its name, "torch", "torch, valid only" or "products alone"."""
    if contestant == PRODUCTS:
        from scratchnet.bench.floor import ProductsPeer

        return ProductsPeer(case, cell)
    if contestant in (TORCH, TORCH_VALID):
        from scratchnet.bench.torch_peer import TorchPeer

        return TorchPeer(case, cell, threads, contestant == TORCH_VALID, form)
    from scratchnet.bench.own_peer import OwnPeer

    return OwnPeer(case, cell, contestant)


def run_steps(peer: Any, first: int, steps: int, warm: int = 0) -> dict[str, Any]:
    """Take `steps` steps from batch `first` on, after `warm` steps that are not timed; return what it took."""
    peer.prepare(first - warm, steps + warm)
    for k in range(first - warm, first):
        peer.finish(peer.step(k))
    loss = None
    start = time.perf_counter()
    for k in range(first, first + steps):
        loss = peer.step(k)
    last = peer.finish(loss)
    seconds = time.perf_counter() - start
    if not math.isfinite(last):
        raise InputError(f"the loss is {last} after batch {first + steps - 1}: nothing that is timed means anything")
    done = range(first, first + steps)
    counts = {"tokens": sum(map(peer.data.tokens, done)), "words": sum(map(peer.data.words, done))}
    return {"seconds": seconds, "loss": last, **counts}


def obey(peer: Any, order: dict[str, Any]) -> dict[str, Any]:
    """Do what one line of the runner says; return the answer."""
    what = order.pop("do")
    if what == "run":
        return run_steps(peer, **order)
    if what == "memory":
        return {"peak_mib": peak_mib()}
    if what == "weights":
        peer.save_weights(order["file"])
        return {}
    if what == "answers":
        peer.answers(order["weights"], order["out"])
        return {}
    if what == "form":
        return {"form": peer.fastest_form()}
    if what == "breakdown":
        from scratchnet.bench.breakdown import breakdown

        return {"seconds": breakdown(peer, **order)}
    if what == "floor":
        return {"flops": peer.flops(**order), "best_rate": peer.best_rate()}
    raise InputError(f"a worker cannot {what!r}")


def peak_mib() -> float:
    """Return the most memory, in MiB, that this process has held at any time."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 2**20


def main() -> None:
    """Serve until standard input ends."""
    # What a library prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    setup = json.loads(sys.stdin.readline())
    try:
        peer = make_peer(**{**setup, "case": Case.from_json(setup["case"])})
        print(json.dumps({"pid": os.getpid()}), file=answers)
        for line in sys.stdin:
            print(json.dumps(obey(peer, json.loads(line))), file=answers)
    except Exception as error:
        kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
        print(json.dumps({"error": (kind + str(error)).splitlines()[0]}), file=answers)
        if not isinstance(error, InputError):
            raise


if __name__ == "__main__":
    main()
