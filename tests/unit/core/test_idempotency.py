"""The Idempotency-Key, as clients write it."""

from __future__ import annotations

import pytest

from pipeline.core.idempotency import KEY_MOST, read_key, slot_of


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        ("8e03978e-40d5", "8e03978e-40d5"),
        (' "a b" ', "a b"),
        (r'"say \"a\\b\""', r'say "a\b"'),
        ('"' + "k" * KEY_MOST + '"', "k" * KEY_MOST),
    ],
)
def test_a_key_is_read(field: str, key: str) -> None:
    assert read_key(field) == key


@pytest.mark.parametrize(
    "field", ["", '""', '"a', 'a"', "a b", '"a"; p=1', '"é"', r'"\a"', "a\tb", "k" * (KEY_MOST + 1)]
)
def test_what_is_no_key_is_told(field: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_key(field)


def test_a_slot_is_of_token_and_key() -> None:
    assert slot_of(1, "a") == slot_of(1, "a")
    assert len({slot_of(1, "a"), slot_of(11, "a"), slot_of(1, "b")}) == 3
    assert "secret" not in slot_of(1, "secret")
