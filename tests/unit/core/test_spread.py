"""What stood together is dealt out."""

import pytest

from pipeline.core.spread import spread


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 100, 1000, 46_368])
def test_each_once(count: int) -> None:
    ids = range(7, 7 + count)
    assert sorted(spread(ids)) == list(ids)
    assert list(spread(ids)) == list(spread(iter(ids)))


@pytest.mark.parametrize("count", [600, 5000, 99_999])
def test_each_of_ten_blocks_has_its_share_of_every_hundred(count: int) -> None:
    found = [place * 10 // count for place in spread(range(count))]
    for start in range(0, count - 99, 50):
        shares = [found[start : start + 100].count(block) for block in range(10)]
        assert min(shares) >= 6
        assert max(shares) <= 14
