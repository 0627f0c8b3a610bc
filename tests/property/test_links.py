"""Tokens for any ids and keys: read back, and nothing else is."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.core.links import NUMBER_MOST, TOKEN_MOST, Link, Purpose, read, sign

IDS = st.integers(0, NUMBER_MOST)
KEYS = st.binary(min_size=1, max_size=80)
PURPOSES = st.sampled_from(Purpose)


@given(KEYS, PURPOSES, IDS, IDS)
def test_round_trip(key: bytes, purpose: Purpose, subscriber: int, mailing: int) -> None:
    token = sign(key, purpose, subscriber, mailing)
    assert read([key], purpose, token) == Link(subscriber, mailing)
    assert len(token) <= TOKEN_MOST
    assert token.replace("-", "").replace("_", "").isalnum()


@given(PURPOSES, IDS, IDS, st.data())
def test_no_character_may_change(
    purpose: Purpose, subscriber: int, mailing: int, data: st.DataObject
) -> None:
    token = sign(b"key", purpose, subscriber, mailing)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters())
    changed = token[:place] + other + token[place + 1 :]
    assume(changed != token)
    assume(purpose is not Purpose.BOUNCE or changed.lower() != token or not changed.isascii())
    assert read([b"key"], purpose, changed) is None


@given(PURPOSES, st.text(max_size=70))
def test_no_text_is_taken_that_was_not_signed(purpose: Purpose, text: str) -> None:
    assert read([b"key"], purpose, text) is None


@given(KEYS, KEYS, PURPOSES, IDS, IDS)
def test_another_key_reads_nothing(
    key: bytes, other: bytes, purpose: Purpose, subscriber: int, mailing: int
) -> None:
    # HMAC fills a short key up with zeros (RFC 2104 §2): those two are one key.
    assume(key.rstrip(b"\0") != other.rstrip(b"\0"))
    assert read([other], purpose, sign(key, purpose, subscriber, mailing)) is None
