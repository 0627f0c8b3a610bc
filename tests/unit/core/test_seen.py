"""Which texts were there before."""

from __future__ import annotations

import tracemalloc

from pipeline.core.seen import FIRST, Seen


def test_each_text_is_new_once() -> None:
    seen = Seen()
    texts = [f"{number}@example.org" for number in range(2 * FIRST)]
    assert all(seen.add(text) for text in texts)
    assert not any(seen.add(text) for text in texts)
    assert len(seen) == len(texts)


def test_it_is_small() -> None:
    tracemalloc.start()
    try:
        seen = Seen()
        for number in range(20_000):
            seen.add(f"{number}@example.org")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 40 * 20_000
