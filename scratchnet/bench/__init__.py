"""The benchmark: a full training step here and in PyTorch, side by side, and what the machine could do at best.

Read next: cases.py.
"""
