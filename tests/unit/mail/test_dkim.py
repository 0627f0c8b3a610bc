"""Signatures: what they cover, read by dkimpy, which shares no line of code with ours."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import dkim
import pytest

from pipeline.errors import AddressError
from pipeline.mail.dkim import OVERSIGNED, relaxed_body, relaxed_field
from tests.letter_room import MESSAGE, claim, ed25519_key, plain, rsa_key, with_base, writer

if TYPE_CHECKING:
    from pipeline.mail.dkim_keys import DkimKey

DOMAIN = "news.example.org"
KEYS = {"rsa": rsa_key, "ed25519": ed25519_key}


def dns(*keys: DkimKey) -> dict[str, bytes]:
    """What a name server says: each record's strings in one."""
    return {
        f"{key.dns_name(DOMAIN)}.": b"".join(
            part.encode() for part in re.findall('"([^"]*)"', key.dns_text())
        )
        for key in keys
    }


def verified(raw: bytes, *keys: DkimKey) -> list[bool]:
    """What dkimpy says of each signature."""
    records = dns(*keys)

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        return records.get(name.decode(), b"")

    def says(number: int) -> bool:
        try:
            return bool(dkim.DKIM(raw).verify(number, look_up))
        except dkim.ValidationError:
            return False

    return [says(number) for number in range(len(keys))]


def signed(*keys: DkimKey, **values: str) -> bytes:
    return plain(writer(signers=keys).letter(claim(**values)))


@pytest.mark.parametrize("kind", KEYS)
def test_a_signature_holds(kind: str) -> None:
    key = KEYS[kind]()
    assert verified(signed(key), key) == [True]


def test_both_signatures_hold_and_neither_covers_the_other() -> None:
    keys = rsa_key(), ed25519_key()
    raw = signed(*keys)
    assert verified(raw, *keys) == [True, True]
    alone = re.sub(rb"\ADKIM-Signature:.*?\r\n(?=DKIM)", b"", raw, flags=re.DOTALL)
    assert alone.count(b"DKIM-Signature:") == 1
    assert verified(alone, keys[1]) == [True]


def test_an_unsigned_letter_has_no_trace_of_it() -> None:
    assert b"DKIM" not in plain(writer().letter(claim()))
    assert signed(ed25519_key()).endswith(plain(writer().letter(claim())))


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize(
    "name", ["", "Zoë", "Der,  Rea", "=?utf-8?q?x?=", "ß" * 120, "R" * 80, '"\\']
)
@pytest.mark.parametrize(
    "address", ["reader@example.net", '"a  b"@example.net', "x@münchen.example", "用户@例え.jp"]
)
def test_any_reader(kind: str, name: str, address: str) -> None:
    key = KEYS[kind]()
    assert verified(signed(key, name=name, address=address), key) == [True]


@pytest.mark.parametrize(
    "text",
    [
        "\n",
        "\n\n\n",
        " \t x \t \n\t\n \n",
        ".\n..\n.x",
        "no end",
        "tabs\tand  spaces \n\n \n\t\n",
        "x" * 3000,
    ],
)
def test_any_text(text: str) -> None:
    key = ed25519_key()
    message = replace(MESSAGE, text=text)
    raw = plain(writer(message, signers=[key]).letter(claim()))
    assert verified(raw, key) == [True]


def test_a_long_base_address() -> None:
    key = ed25519_key()
    room = with_base("https://news.example.org/" + "a=b./" * 40)
    assert verified(plain(writer(room=room, signers=[key]).letter(claim())), key) == [True]


@pytest.mark.parametrize(
    "name",
    [
        "From",
        "Reply-To",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Feedback-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
        "Content-Language",
    ],
)
def test_no_field_may_change(name: str) -> None:
    key = ed25519_key()
    raw = signed(key)
    start = f"\r\n{name}: ".encode()
    assert raw.count(start) >= 1
    assert verified(raw.replace(start, start + b"x", 1), key) == [False]


@pytest.mark.parametrize("name", OVERSIGNED)
@pytest.mark.parametrize("last", [False, True])
def test_no_second_one_may_be_added(name: str, last: bool) -> None:
    key = ed25519_key()
    head, _, body = signed(key).partition(b"\r\n\r\n")
    more = f"{name}: a@b.example".encode()
    lines = [head, more] if last else [more, head]
    assert verified(b"\r\n".join(lines) + b"\r\n\r\n" + body, key) == [False]


def test_what_servers_add_on_the_way_does_no_harm() -> None:
    key = ed25519_key()
    raw = b"Received: by mx.example.net; today\r\nReturn-Path: <>\r\n" + signed(key)
    assert verified(raw.replace(b"Subject: ", b"SUBJECT:\t  "), key) == [True]


@pytest.mark.parametrize("change", [(b"/u/w", b"/u/x"), (b"</p>", b"</p>more"), (b"xxx", b"xx")])
def test_no_byte_of_the_body_may_change(change: tuple[bytes, bytes]) -> None:
    key = ed25519_key()
    head, _, body = signed(key).partition(b"\r\n\r\n")
    assert change[0] in body
    for changed in (body.replace(*change, 1), body + b"more\r\n"):
        assert verified(head + b"\r\n\r\n" + changed, key) == [False]


def test_the_field_itself() -> None:
    raw = signed(rsa_key())
    field = raw.partition(b"From: ")[0].decode("ascii")
    tags = dict(re.findall(r"[\s;](\w+)=([^;]*)", re.sub(r"\r\n\s", "", field)))
    assert tags.keys() == {"v", "a", "c", "d", "s", "h", "bh", "b"}  # no l=, and no clock: no t=
    assert (tags["a"], tags["c"], tags["d"]) == ("rsa-sha256", "relaxed/relaxed", DOMAIN)
    names = tags["h"].split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post", "feedback-id"} <= set(names)
    assert [names.count(name) for name in OVERSIGNED] == [2, 2, 2, 1, 2, 2, 2]  # there is no Cc
    assert max(map(len, field.split("\r\n"))) <= 78


def test_it_signs_for_the_domain_of_the_sender() -> None:
    key = ed25519_key()
    message = replace(MESSAGE, sender="b@Bureau.example")
    raw = plain(writer(message, signers=[key]).letter(claim()))
    assert b" d=bureau.example;" in raw


@pytest.mark.parametrize(
    ("field", "canonical"),
    [
        (b"A: X\r\n", b"a:X\r\n"),  # RFC 6376 §3.4.5, its example
        (b"B : Y\t\r\n\tZ  \r\n", b"b:Y Z\r\n"),
        (b"Subject:\r\n\r\n", b"subject:\r\n"),
        (b"C:  a  b\r\n c \r\n", b"c:a b c\r\n"),
    ],
)
def test_fields_in_their_canonical_form(field: bytes, canonical: bytes) -> None:
    assert relaxed_field(field) == canonical


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),  # RFC 6376 §3.4.5, its example
        (b"", b""),
        (b"\r\n \r\n\t\r\n", b""),
        (b"no end", b"no end\r\n"),
        (b"a \t", b"a\r\n"),
        (b"\r\n\r\na\r\n", b"\r\n\r\na\r\n"),
    ],
)
def test_bodies_in_their_canonical_form(body: bytes, canonical: bytes) -> None:
    assert relaxed_body(body) == canonical


def test_what_is_signed_ahead_is_what_is_signed_when_it_is_needed() -> None:
    claims = [claim(id=number, subscriber=number, name=f"R{number}") for number in range(1, 13)]
    key = rsa_key()
    ahead, alone = writer(signers=[key]), writer(signers=[key])
    ahead.expect(claims)
    assert [ahead.letter(one) for one in claims] == [alone.letter(one) for one in claims]


@pytest.mark.parametrize("bad", ["not an address", "x@-.example"])
def test_an_address_that_cannot_be_written_harms_no_other_that_is_signed_ahead(bad: str) -> None:
    key = rsa_key()
    claims = [claim(id=number, subscriber=number) for number in range(1, 13)]
    claims[5] = claim(id=6, subscriber=6, address=bad)
    ahead = writer(signers=[key])
    ahead.expect(claims)
    for one in claims:
        if one.address == bad:
            with pytest.raises(AddressError):
                ahead.letter(one)
        else:
            assert verified(plain(ahead.letter(one)), key) == [True]
