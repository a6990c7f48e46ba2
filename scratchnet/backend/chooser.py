"""Which number of threads makes a step fastest, found while the steps are taken: no step is taken for this alone.

    chooser = Chooser([1, 2])
    n = chooser.threads                          take a step with that many threads, then say what it took:
    chooser.record(work, wall, cpu)              "2 threads -> 1: other processes use the cores", or ""

Steps go on with the current number. In a trial every other step is taken with a rival, the next number below or above,
until the difference is larger than the noise. A trial begins at the start, when the time of a step or the share of
the wall's time that is CPU time has changed, and otherwise as often as 1 % of all time pays for what the rival's steps
take longer. Where the rival is ten times as slow (two threads that wait for each other beside busy processes), one
step of it ends the trial.

Read next: cores.py.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

WARM = 2  # first steps, in which memory is touched for the first time
WINDOW = 8  # steps that "now" is the mean of
SHARE = 0.01  # of all time, for steps of a rival that take longer
DEBT = 30.0  # steps: so far ahead of its share a trial may be where something has changed
GAP = 10  # steps from a trial to the next, at least
LONGEST = 24  # steps of a rival in one trial
# Logarithms of how many times as long a step takes: with the rival, compared with the current number; now, with before.
HOPELESS, CLEAR, BETTER = math.log(1.3), math.log(0.6), math.log(0.93)
CHANGED, SUDDEN = math.log(1.16), math.log(1.5)
BUSY, LACKING = 0.7, 0.5  # CPU time per wall time and thread: below the first, some threads wait for a core


@dataclass(frozen=True)
class Step:
    """What a step took: work in any unit, wall and CPU time in seconds."""

    work: float
    wall: float
    cpu: float


@dataclass
class Steps:
    """Several steps with the same number of threads, the last ones only where `keep` says how many."""

    keep: int | None = None
    steps: deque[Step] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = deque(maxlen=self.keep)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def cost(self) -> float:
        """The logarithm of seconds per unit of work."""
        return math.log(sum(step.wall for step in self.steps) / sum(step.work for step in self.steps))

    @property
    def share(self) -> float:
        """CPU time per wall time."""
        return sum(step.cpu for step in self.steps) / sum(step.wall for step in self.steps)

    @property
    def error(self) -> float:
        """The standard error of `cost`; of few steps not much is known, so it is never taken to be very small."""
        costs = [math.log(step.wall / step.work) for step in self.steps]
        mean = sum(costs) / len(costs)
        variance = sum((cost - mean) ** 2 for cost in costs) / len(costs)
        return math.sqrt(max(variance, 0.01) / len(costs))


class Trial:
    """The current number against a rival, step by step in turns; `before` are the current number's latest steps."""

    def __init__(self, rival: int, before: Sequence[Step]) -> None:
        self.rival, self.current, self.other = rival, Steps(LONGEST), Steps(LONGEST)
        self.current.steps.extend(before)
        self.rivals_turn = True
        self.excess = 0.0  # steps of the current number that could have been taken besides

    def add(self, step: Step) -> None:
        """Take note of the step whose turn it was."""
        (self.other if self.rivals_turn else self.current).steps.append(step)
        if self.rivals_turn:
            self.excess += max(0.0, math.exp(math.log(step.wall / step.work) - self.current.cost) - 1.0)
        self.rivals_turn = not self.rivals_turn

    def rival_is_better(self) -> bool | None:
        """Return who is faster, None while that is not clear."""
        number, difference = len(self.other), self.other.cost - self.current.cost
        error = math.hypot(self.other.error, self.current.error)
        if difference - error > 0.0 and (number >= 2 or difference > HOPELESS):
            return False
        if number >= 2 and difference < CLEAR:
            return True
        if number >= 4 and difference + 2.0 * error < 0.0:
            return True
        return difference < BETTER if number == LONGEST else None


class Chooser:
    """Chooses among numbers of threads; it begins with the largest."""

    def __init__(self, candidates: Sequence[int]) -> None:
        self.candidates = sorted(candidates)
        self.current = self.candidates[-1]
        self.recent = Steps(WINDOW)
        self.reference: tuple[float, float] | None = None  # cost and share when the current number was last confirmed
        self.trial: Trial | None = None
        self.waiting = len(self.candidates) > 1  # whether a rival is to be tried as soon as possible, for the reason
        self.upwards = False  # that the trial before gives; and whether the next rival is to be a larger number
        self.taken, self.since, self.patience = 0, 0, GAP
        self.allowance = 0.0  # steps
        self.expected: dict[int, float] = {}  # of each rival: the excess of its last trial

    @property
    def threads(self) -> int:
        """The number of threads for the next step."""
        return self.trial.rival if self.trial is not None and self.trial.rivals_turn else self.current

    def record(self, work: float, wall: float, cpu: float) -> str:
        """Take note of the step just taken; return a line when another number is chosen, else ""."""
        self.taken += 1
        if self.taken <= WARM or work <= 0.0 or wall <= 0.0:
            return ""
        step, trial = Step(work, wall, cpu), self.trial
        if self.threads == self.current:
            self.recent.steps.append(step)
            self.allowance = min(self.allowance + SHARE, max(1.0, *self.expected.values(), 0.0))
            self.since += 1
        if trial is None:
            self.consider_a_trial()
            return ""
        trial.add(step)
        better = trial.rival_is_better() if len(trial.other) else None
        return "" if better is None else self.end_trial(trial, better)

    def consider_a_trial(self) -> None:
        """Begin a trial if there is reason to, or time for one."""
        rival = None
        if self.waiting and len(self.recent) >= 2:
            self.waiting = False
            rival = self.rival(self.upwards)
        elif len(self.recent) == WINDOW:
            if self.reference is None:
                self.reference = self.recent.cost, self.recent.share
            rival = self.rival_after_a_change()
            if rival is None and self.since >= GAP:
                rival = self.rival_without_a_reason()
        if rival is not None:
            self.trial = Trial(rival, self.recent.steps)

    def rival_after_a_change(self) -> int | None:
        """Return a rival if a step now takes another time, or another share of the cores, than it did."""
        assert self.reference is not None
        slower, fuller = self.recent.cost - self.reference[0], math.log(self.recent.share / self.reference[1])
        limit = max(CHANGED, 2.5 * self.recent.error)
        if max(abs(slower), abs(fuller)) <= limit or (self.since < self.patience and slower < max(limit, SUDDEN)):
            return None
        more = slower < -limit or fuller > limit
        if more and self.allowance < -DEBT:
            return None
        self.reference = self.recent.cost, self.recent.share
        rival = self.rival(more)
        if rival is not None:
            self.patience = min(2 * self.patience, 32 * GAP)  # until a change is worth it
        return rival

    def rival_without_a_reason(self) -> int | None:
        """Return a rival if its trial can be paid for, a larger and a smaller number by turns."""
        rival = self.rival(self.upwards) or self.rival(not self.upwards)
        if rival is None or self.allowance < max(0.5, self.expected.get(rival, 0.0)):
            return None
        self.upwards = not self.upwards
        return rival

    def rival(self, more: bool) -> int | None:
        """Return the next larger or smaller candidate, None where there is none; the smallest if cores are lacking."""
        place = self.candidates.index(self.current) + (1 if more else -1)
        if not 0 <= place < len(self.candidates):
            return None
        # Beside busy processes half as many threads are often no faster, and one is.
        lacking = not more and len(self.recent) > 0 and self.recent.share < LACKING * self.current
        return self.candidates[0 if lacking else place]

    def end_trial(self, trial: Trial, better: bool) -> str:
        """Go on with the number that was faster; return the line about a change, or ""."""
        self.trial, self.since = None, 0
        self.allowance -= trial.excess
        self.expected[trial.rival] = trial.excess
        before, more = self.current, trial.rival > self.current
        if not better:
            return ""
        self.current, self.reference, self.patience = trial.rival, None, GAP
        self.recent = Steps(WINDOW)
        skipped = self.rival(more=True) not in (None, before)
        self.waiting, self.upwards = skipped or self.rival(more) is not None, more or skipped
        self.expected.pop(before, None)
        return f"{before} thread{'s' * (before > 1)} -> {self.current}: {reason(before, trial)}"


def reason(before: int, trial: Trial) -> str:
    """Return why a trial's rival is faster than the number before."""
    if trial.rival > before:
        return "the cores are free" if trial.other.share > BUSY * trial.rival else "more are faster now"
    waits = trial.current.share < BUSY * before or trial.other.share < BUSY * trial.rival
    return "other processes use the cores" if waits else "fewer are faster for this model"


def candidates(most: int) -> list[int]:
    """Return the numbers to choose among: 1, `most`, and between them half of it, half of that, and so on."""
    found = {1}
    while most > 1:
        found.add(most)
        most //= 2
    return sorted(found)
