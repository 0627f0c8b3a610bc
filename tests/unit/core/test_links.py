"""Tokens: who they stand for, and that nobody else can write one."""

from __future__ import annotations

import hmac
from base64 import b32encode, urlsafe_b64encode

import pytest

from pipeline.core.links import LEAVE, NUMBER_MOST, Link, Purpose, leaving, read, sign

KEY, OTHER = b"k" * 43, b"o" * 43
EVERY = list(Purpose)


@pytest.mark.parametrize(
    ("purpose", "token"),
    [
        (Purpose.UNSUBSCRIBE, "wMQHB0htdUQ2Luoz09I"),
        (Purpose.PREFERENCES, "wMQHBydy7HVgiU8Uw78"),
        (Purpose.BOUNCE, "ydcaob5wfjx7krqkc5o2mby"),
    ],
)
def test_what_is_written_today_is_read_for_ever(purpose: Purpose, token: str) -> None:
    # These links are in people's mailboxes: a change here breaks them.
    assert sign(KEY, purpose, 123_456, 7) == token
    assert read([KEY], purpose, token) == Link(123_456, 7)


@pytest.mark.parametrize("purpose", EVERY)
def test_a_link_for_one_purpose_is_none_for_another(purpose: Purpose) -> None:
    token = sign(KEY, purpose, 5, 6)
    assert [p for p in EVERY if read([KEY], p, token)] == [purpose]


@pytest.mark.parametrize("purpose", EVERY)
def test_another_newsrooms_link_is_none_of_ours(purpose: Purpose) -> None:
    token = sign(KEY, purpose, 5, 6)
    assert read([OTHER], purpose, token) is None
    assert read([], purpose, token) is None
    assert read([OTHER, KEY], purpose, token) == read([KEY, OTHER], purpose, token) == Link(5, 6)


def test_a_return_path_may_change_its_case_and_a_web_address_may_not() -> None:
    bounce = sign(KEY, Purpose.BOUNCE, 5, 6)
    assert bounce == bounce.lower()
    assert read([KEY], Purpose.BOUNCE, bounce.upper()) == Link(5, 6)
    web = sign(KEY, Purpose.UNSUBSCRIBE, 5, 6)
    assert web != web.swapcase()
    assert read([KEY], Purpose.UNSUBSCRIBE, web.swapcase()) is None


@pytest.mark.parametrize("purpose", EVERY)
@pytest.mark.parametrize(
    "token", ["", "a", "=", "abc=", "é" * 20, "ſ" * 23, "\n", "A" * 64, "A" * 65, "2" * 10_000]
)
def test_anything_else_is_nothing(purpose: Purpose, token: str) -> None:
    assert read([KEY], purpose, token) is None


@pytest.mark.parametrize("change", ["{}=", "{}==", "{}\n", " {}", "{}A", "A{}", "{}.", "-{}"])
@pytest.mark.parametrize("purpose", EVERY)
def test_only_the_very_text_that_was_signed(purpose: Purpose, change: str) -> None:
    assert read([KEY], purpose, change.format(sign(KEY, purpose, 5, 6))) is None


def test_bits_that_nobody_reads_are_not_free_to_choose() -> None:
    # 12 bytes and a half: the last character holds bits that a lenient reader drops.
    token = sign(KEY, Purpose.UNSUBSCRIBE, 500, 6)
    others = [
        token[:-1] + last for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567890-_" if last != token[-1]
    ]
    assert [other for other in others if read([KEY], Purpose.UNSUBSCRIBE, other)] == []


@pytest.mark.parametrize("purpose", EVERY)
def test_the_standard_alphabet_is_not_ours(purpose: Purpose) -> None:
    tokens = (sign(KEY, Purpose.UNSUBSCRIBE, number, 1) for number in range(1, 500))
    token = next(token for token in tokens if "-" in token and "_" in token)
    assert read([KEY], Purpose.UNSUBSCRIBE, token.replace("-", "+").replace("_", "/")) is None


@pytest.mark.parametrize("ids", [(-1, 1), (1, -1), (NUMBER_MOST + 1, 1), (1, NUMBER_MOST + 1)])
def test_no_token_for_what_no_store_gives(ids: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not the ids"):
        sign(KEY, Purpose.BOUNCE, *ids)


@pytest.mark.parametrize("ids", [b"\xff" * 9 + b"\x01\x01", b"\x01" + b"\xff" * 9 + b"\x7f"])
def test_ids_that_no_store_gives_are_no_trouble(ids: bytes) -> None:
    raw = ids + bytes(10)
    web, path = urlsafe_b64encode(raw).decode().rstrip("="), b32encode(raw).decode().rstrip("=")
    assert read([KEY], Purpose.UNSUBSCRIBE, web) is None
    assert read([KEY], Purpose.BOUNCE, path) is None


def test_tokens_are_short() -> None:
    assert len(sign(KEY, Purpose.UNSUBSCRIBE, 1_000_000, 60)) <= 20
    # With `bounces+` before it, far below the 64 characters of a local part (RFC 5321 §4.5.3.1.1).
    assert len(sign(KEY, Purpose.BOUNCE, 1_000_000, 60)) <= 24
    assert max(len(sign(KEY, p, NUMBER_MOST, NUMBER_MOST)) for p in EVERY) <= 45


@pytest.mark.parametrize(
    "subject", ["unsubscribe {}", "Re: UNSUBSCRIBE  {} ", "a b unsubscribe {} c"]
)
def test_who_leaves_by_mail(subject: str) -> None:
    token = sign(KEY, Purpose.UNSUBSCRIBE, 5, 6)
    assert leaving([OTHER, KEY], subject.format(token)) == Link(5, 6)


@pytest.mark.parametrize("subject", ["", LEAVE, f"{LEAVE} me", "hello", "unsubscribe"])
def test_who_does_not(subject: str) -> None:
    assert leaving([KEY], subject) is None
    assert leaving([KEY], f"{subject} {sign(KEY, Purpose.PREFERENCES, 5, 6)}") is None


@pytest.mark.parametrize("key", [b"", b"k", b"k" * 64, b"k" * 200])
def test_signatures_are_hmac_as_the_library_has_it(key: bytes) -> None:
    own = hmac.digest(key, b"enews links", "sha256")
    token = sign(key, Purpose.UNSUBSCRIBE, 5, 7)
    raw = bytes([5, 7]) + hmac.digest(own, bytes([5, 7]), "sha256")[:10]
    assert token == urlsafe_b64encode(raw).decode().rstrip("=")
