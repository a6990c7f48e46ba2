"""What a training hands back.

Read next: progress.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scratchnet.translation import Translator


@dataclass(frozen=True, repr=False)
class TrainingResult:
    """How a training ended; the translator then holds the best weights, or the last ones if it was interrupted.

    stopped: "finished" (all epochs), "early" (patience ran out) or "interrupted" (resume to go on).
    epochs, steps: complete ones. best: the metrics of the best epoch, None before the first. history: of all.
    skipped: how many pairs were of no use. out: the run's folder. From `train`, not from `fit`, also: test, the scores
    on the test pairs, where some were held out; example, a sentence to try; translator, what was trained.
    """

    stopped: str
    epochs: int
    steps: int
    best: dict[str, Any] | None
    history: list[dict[str, Any]]
    skipped: int
    out: Path | None
    test: dict[str, Any] | None = None
    example: str = ""
    translator: Translator | None = None

    def __repr__(self) -> str:
        """Return one line: what one wants to know where a notebook shows it."""
        said = [f"{self.stopped} after {self.epochs} epoch{'s' * (self.epochs != 1)}"]
        if self.best:
            said.append(f"best in epoch {self.best['epoch']} with validation loss {self.best['validation_loss']:.3f}")
            said.append(f"{100 * self.best['free_running_exact_match']:.1f} % exactly right")
        if self.test:
            said.append(f"test: BLEU {self.test['bleu']:.1f}, {100 * self.test['exact_match']:.1f} % exactly right")
        if self.out is not None:
            said.append(f"kept in {self.out}")
        return f"<TrainingResult {'; '.join(said)}>"

    @property
    def interrupted(self) -> bool:
        """True where resuming would go on."""
        return self.stopped == "interrupted"

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        found = {name: value for name, value in vars(self).items() if name != "translator"}
        return {**found, "out": None if self.out is None else str(self.out)}
