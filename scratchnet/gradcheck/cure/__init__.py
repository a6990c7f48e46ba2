"""The mistake found, and the edit that undoes it.

Read next: pool.py.
"""
