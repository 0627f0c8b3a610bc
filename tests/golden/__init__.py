"""Whole output trees, kept: what a change of code or templates does to readers shows as a diff.

`python -m tests.golden` writes the expected trees anew.
"""
