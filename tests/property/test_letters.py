"""Letters to anybody: one To, no field more, all lines in bounds, every signature good."""

from __future__ import annotations

import re
from dataclasses import replace
from email.utils import getaddresses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.core.links import Purpose, sign
from pipeline.errors import AddressError
from pipeline.mail.message import compose, parts
from tests.letter_room import KEY, MESSAGE, claim, ed25519_key, mail, plain, writer
from tests.unit.mail.test_dkim import verified

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ENCODED = r"=\?utf-8\?B\?[A-Za-z0-9+/]+=*\?="
QUOTED = r'"(?:[^"\\\r\n]|\\[^\r\n])*"'
SPEC = rf"(?:{ATOM}(?:\.{ATOM})*|{QUOTED})@[A-Za-z0-9.-]+"
TO = re.compile(
    rf"To: (?:(?:{ATOM}(?: {ATOM})*|{QUOTED}|{ENCODED}(?:\n {ENCODED})*)(?: |\n )<{SPEC}>|{SPEC})"
)
"""A field with one mailbox (RFC 5322 §3.4, RFC 2047 §5), written down once more, by itself."""

NAMES = st.text(max_size=150) | st.text('a"\\<>,;:@()[] =?.\r\n\t', max_size=40)
LOCALS = st.from_regex(rf"{ATOM}(\.{ATOM})*", fullmatch=True).filter(lambda x: len(x) <= 64)
QUOTED_LOCALS = st.text("ab .,:;()[]@", min_size=1, max_size=30).map(lambda x: f'"{x}"')
DOMAINS = st.from_regex(r"[a-z0-9]{1,20}(\.[a-z0-9]{1,20}){0,3}\.[a-z]{2,10}", fullmatch=True)
ADDRESSES = st.builds(lambda local, domain: f"{local}@{domain}", LOCALS | QUOTED_LOCALS, DOMAINS)

WRITER = writer()
NAMES_OF_FIELDS = [name for name, _ in mail(WRITER.letter(claim())).items()]


@given(NAMES, ADDRESSES)
def test_one_recipient_and_no_field_more(name: str, address: str) -> None:
    letter = WRITER.letter(claim(name=name, address=address))
    raw = plain(letter)
    read = mail(letter)
    assert [name for name, _ in read.items()] == NAMES_OF_FIELDS
    assert letter.recipient == address
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    (field,) = re.findall(r"(?m)^To: .*(?:\n .*)*", head.replace("\r\n", "\n"))
    assert TO.fullmatch(field), field
    # Two parsers of the standard library, the old one and the new one.
    (new,) = read["To"].addresses
    ((_, old),) = getaddresses([str(read["To"])])
    plain_local = not address.startswith('"')
    if plain_local:
        assert new.addr_spec == old == address
    assert new.domain == address.rpartition("@")[2]


@given(st.text(max_size=80), NAMES)
def test_nothing_but_an_address_is_written(address: str, name: str) -> None:
    try:
        letter = WRITER.letter(claim(name=name, address=address))
    except AddressError:
        return
    assert "\n" not in letter.recipient
    assert [name for name, _ in mail(letter).items()] == NAMES_OF_FIELDS


TOKENS = st.sampled_from([UNSUBSCRIBE, PREFERENCES])
TEXTS = st.lists(
    st.text(" .=\tabé\n", max_size=90) | TOKENS | st.text(max_size=20), max_size=12
).map("".join)


@given(TEXTS, TEXTS, st.integers(0, 2**40))
def test_the_same_as_composed_for_one_reader(text: str, html: str, subscriber: int) -> None:
    # What the composer takes: lines that end with line feeds, and no halves of characters.
    text, html = (re.sub("[\r\ud800-\udfff]", "", part) + "\n" for part in (text, html))
    assume(not re.search("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029\0]", text + html))
    message = replace(MESSAGE, text=text, html=html)
    letter = writer(message, signers=[ed25519_key()]).letter(claim(subscriber=subscriber))
    raw = plain(letter)
    leave = f"https://news.example.org/u/{sign(KEY, Purpose.UNSUBSCRIBE, subscriber, 7)}"
    choose = f"https://news.example.org/p/{sign(KEY, Purpose.PREFERENCES, subscriber, 7)}"
    expected = replace(
        message,
        text=text.replace(UNSUBSCRIBE, leave).replace(PREFERENCES, choose),
        html=html.replace(UNSUBSCRIBE, leave).replace(PREFERENCES, choose),
    )
    assert parts(raw) == parts(compose(expected))
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert verified(raw, ed25519_key()) == [True]


@pytest.mark.parametrize("name", ["x\r\nBcc: y@z.example", "x\nBcc: y@z.example", "x\rBcc: y"])
def test_a_line_break_in_a_name_begins_no_field(name: str) -> None:
    letter = WRITER.letter(claim(name=name))
    assert mail(letter)["Bcc"] is None
    assert re.search(rb"[\r\n]Bcc", letter.data) is None
