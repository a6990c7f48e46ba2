"""The path: a ladder of exercises in a copied workspace, each judged by a check that explains.

    catalogue()                        every exercise of the path, in order
    start(folder)                      copy a workspace; find_workspace() finds the one around the current folder
    child.check_in_child, checks.run_check     judge a learner's file, within a time limit, or in place

An exercise is a folder below exercises/, read by exercise.py; nothing is registered anywhere. A learner's file is
executed with the learner's own rights.

Read next: exercise.py.
"""

from scratchnet.learn.exercise import Exercise, catalogue
from scratchnet.learn.workspace import Workspace, find_workspace, start

__all__ = ["Exercise", "Workspace", "catalogue", "find_workspace", "start"]
