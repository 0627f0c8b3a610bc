"""Addresses: whatever is typed, it is an address for good or an error, and never a command."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.core.address import Address, folded, parse_address, shown
from pipeline.errors import AddressError

LETTERS = st.text(max_size=30)
SPELT = st.text('ab.-_+@"\\ <>[]()\r\n\0äßüΣσς日本xn--XN', max_size=40)
PARTS = st.builds(lambda local, domain: f"{local}@{domain}", LETTERS, LETTERS)
HOSTS = st.builds(lambda local, domain: f"{local}@{domain}.example", LETTERS, LETTERS)


def read(text: str) -> Address | None:
    try:
        return parse_address(text)
    except AddressError as error:
        said = str(error)
    assert said.isprintable()
    return None


@given(LETTERS | SPELT | PARTS | HOSTS)
@example("a@xn--ls8h.example")
@example("a@İ.example")
@example("a@ΒΟΛΟΣ.example")
@example('"a> SIZE=1"@b.example')
def test_an_address_is_read_as_itself_again(text: str) -> None:
    address = read(text)
    if address is None:
        return
    key = str(address)
    assert parse_address(key) == address
    assert not set("<>") & set(key)  # in a path they are its ends
    assert len(key.encode()) <= 254
    assert unicodedata.is_normalized("NFC", address.domain)
    assert address.domain == "".join(map(str.lower, address.domain))
    assert address.folded == folded(address.folded)


@given(LETTERS | SPELT | PARTS | HOSTS)
def test_nothing_that_cannot_be_seen_gets_through(text: str) -> None:
    address = read(text)
    if address is not None:
        assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in str(address))


@given(st.sampled_from("\r\n\0\t\x0b\x7f\x85\u2028\u2029"), st.integers(0, 16))
def test_a_control_character_is_refused_wherever_it_stands(letter: str, place: int) -> None:
    text = "jane@example.org"
    assert read(text[:place] + letter + text[place:]) is None


@given(st.text())
def test_folding_twice_folds_no_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=200))
def test_what_is_shown_can_be_seen(text: str) -> None:
    assert shown(text).isprintable()
