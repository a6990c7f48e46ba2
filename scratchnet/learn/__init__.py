"""A ladder of exercises, from the first difference quotient to a cell of one's own, each with a check that explains.

    catalogue()                  every exercise, in order; read_exercise(folder) reads one
    start_workspace(folder)      copy the starting files into a folder; find_workspace() finds the current one
    workspace.check(exercise)    check the learner's file, in a process of its own and within a time limit
    watch_files(files, wait)     yield each file that is saved
    show_outcome(...)            and the other show functions print on a console

An exercise is a folder below exercises/, and nothing is registered anywhere. A learner's file is executed with the
learner's own rights.

Read next: exercise.py; to go on with the book, skip this folder: ../bench/__init__.py.
"""

from scratchnet.learn.console_output import (
    show_difference,
    show_hints,
    show_list,
    show_outcome,
    show_page,
    show_progress,
    show_solution,
)
from scratchnet.learn.exercise import STEPS, Exercise, Question, catalogue, find_exercise, read_exercise
from scratchnet.learn.file_watcher import watch_files
from scratchnet.learn.outcome import Finding, Outcome
from scratchnet.learn.progress import ExerciseProgress, Progress
from scratchnet.learn.quiz import LETTERS, is_right, reply
from scratchnet.learn.workspace import Workspace, find_workspace, start_workspace

__all__ = [
    "LETTERS",
    "STEPS",
    "Exercise",
    "ExerciseProgress",
    "Finding",
    "Outcome",
    "Progress",
    "Question",
    "Workspace",
    "catalogue",
    "find_exercise",
    "find_workspace",
    "is_right",
    "read_exercise",
    "reply",
    "show_difference",
    "show_hints",
    "show_list",
    "show_outcome",
    "show_page",
    "show_progress",
    "show_solution",
    "start_workspace",
    "watch_files",
]
