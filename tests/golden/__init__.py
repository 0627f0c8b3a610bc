"""Whole output trees, kept: what a change of code or templates does to readers shows as a diff.

`python -m tests.golden` writes the expected trees anew, `python -m tests.golden mails/small` one of
them. Below `mails/` are newsrooms of which only the issues are kept.
"""
