"""Values as tables keep them."""

from __future__ import annotations

from pipeline.store.rows import chunks, keys, lines


def test_keys_come_back() -> None:
    for some in (frozenset[str](), frozenset({"a"}), frozenset({"b", "a", "ü"})):
        assert keys(lines(some)) == some
    assert lines({"b", "a"}) == "a\nb"


def test_chunks_hold_all_in_order() -> None:
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks([], 2)) == []
    assert list(chunks(iter("abcd"), 2)) == [["a", "b"], ["c", "d"]]
