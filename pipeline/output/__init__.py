"""Writes `output/`, complete or not at all, and keeps what makes the next build fast.

`folder` decides which pages to render and publishes them, `trees` swaps whole trees, `cache` and
`manifest` remember in one SQLite file below `.pipeline/`, which may be deleted at any time.
"""
