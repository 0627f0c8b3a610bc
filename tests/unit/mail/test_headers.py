"""The field To: any name, any address, and never more than one of either."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader

import pytest

from pipeline.errors import AddressError
from pipeline.mail.headers import NAME_MOST, address_spec, clean_name, to_field


def _read(field: bytes) -> tuple[str, str]:
    assert field.endswith(b"\r\n")
    header = message_from_bytes(field + b"\r\n", policy=policy.default)["To"]
    assert isinstance(header, AddressHeader)
    (address,) = header.addresses
    return address.display_name, address.addr_spec


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("", "To: reader@example.net"),
        ("Rea Der", "To: Rea Der <reader@example.net>"),
        ("O'Neill-Smith", "To: O'Neill-Smith <reader@example.net>"),
        ("Der, Rea", 'To: "Der, Rea" <reader@example.net>'),
        ("J. R. (Bob) Der", 'To: "J. R. (Bob) Der" <reader@example.net>'),
        ('The "Boss" \\o/', 'To: "The \\"Boss\\" \\\\o/" <reader@example.net>'),
        ("Zoë", "To: =?utf-8?B?Wm/Dqw==?= <reader@example.net>"),
        ("=?utf-8?Q?x?=", "To: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?= <reader@example.net>"),
        ("undisclosed recipients:;", 'To: "undisclosed recipients:;" <reader@example.net>'),
        (" Rea\t\r\n Der ", "To: Rea Der <reader@example.net>"),
        ("R" * 53, f"To: {'R' * 53} <reader@example.net>"),
        ("R" * 60, f"To: {'R' * 60}\r\n <reader@example.net>"),
    ],
)
def test_the_bytes(name: str, field: str) -> None:
    assert to_field(name, "reader@example.net") == f"{field}\r\n".encode()


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Müller",
        "Мария Ивановна",
        "李小龍",
        "محمد بن سلمان",
        "می‌خواهم",
        "e\u0301" * 50,
        "👩‍👩‍👧 Family",
        "ß" * NAME_MOST,
        "word " * 23 + "end",
        "R" * 61,
        'é"<,>;:\\',
        "a =? b",
    ],
)
def test_names_in_any_script_survive(name: str) -> None:
    field = to_field(name, "reader@example.net")
    words, _, address = field.decode("ascii").rpartition(" ")
    # Not by the library's newer parser: Python 3.11's puts spaces between encoded words.
    assert str(make_header(decode_header(words.removeprefix("To: ").strip()))) == name
    assert address == "<reader@example.net>\r\n"
    assert _read(field)[1] == "reader@example.net"
    assert max(map(len, field.split(b"\r\n"))) <= 78
    assert all(len(word) <= 75 for word in field.split())


@pytest.mark.parametrize(
    "name",
    [
        "reader@example.net",
        "PayPal <service@paypal.example>",
        "\x00\x07",
        "   ",
        "-- !",
        "\u202e",
        "\ud800",
    ],
)
def test_what_is_no_name_is_left_out(name: str) -> None:
    assert to_field(name, "reader@example.net") == b"To: reader@example.net\r\n"


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Rea\r\nBcc: x", "Rea Bcc: x"),
        ("Rea\x00\x1b[31mDer", "Rea[31mDer"),
        ("Rea\u2028Der\u0085", "Rea Der"),
        ("\u202eReaD", "ReaD"),
        ("x" * 500, "x" * NAME_MOST),
        ("x" * (NAME_MOST - 1) + " y", "x" * (NAME_MOST - 1)),
    ],
)
def test_a_name_is_cleaned(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    ("address", "spec"),
    [
        ("a@example.net", "a@example.net"),
        ("first.last+tag@mail.example.net", "first.last+tag@mail.example.net"),
        ("o'neill!#$%&*/=?^`{|}~@example.net", "o'neill!#$%&*/=?^`{|}~@example.net"),
        ('"two words"@example.net', '"two words"@example.net'),
        ("a@münchen.example", "a@xn--mnchen-3ya.example"),
        ("a@例え.jp", "a@xn--r8jz45g.jp"),
        ("用户@例え.jp", "用户@例え.jp"),
        ("x" * 64 + "@example.net", "x" * 64 + "@example.net"),
    ],
)
def test_addresses(address: str, spec: str) -> None:
    assert address_spec(address) == spec


def test_an_address_in_another_script_is_written_as_it_is() -> None:
    # RFC 6532: the message needs SMTPUTF8 then, and the sender asks for it.
    assert to_field("Zoë", "用户@例え.jp") == "To: =?utf-8?B?Wm/Dqw==?= <用户@例え.jp>\r\n".encode()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "reader",
        "a@example.net\r\nBcc: b@example.net",
        "a@example.net\n",
        "a@exa\u2028mple.net",
        "a@example.net, b@example.net",
        "a@example.net> b@example.net",
        "Rea <a@example.net>",
        "a b@example.net",
        "a@[127.0.0.1]",
        "a@localhost",
        '"a\x00"@example.net',
        "x" * 65 + "@example.net",
        "(comment)a@example.net",
        "a@example.net (comment)",
        "a@-.example",
        "a@\u0300é.example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        to_field("Rea", address)
