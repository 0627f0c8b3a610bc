"""Pure decisions about news: what is published, where it lives, what an issue carries.

Standard library only; no disk, no clock, no randomness. Values are frozen; a change is a function
that returns a new value.
"""
