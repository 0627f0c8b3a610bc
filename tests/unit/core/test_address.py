"""Addresses: what mail can go to, and when two are the same."""

from __future__ import annotations

import pytest

from pipeline.core.address import (
    Address,
    domain_of,
    folded,
    masked,
    mentions,
    parse_address,
    salted_hash,
    shown,
)
from pipeline.errors import AddressError


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("jane@example.org", "jane@example.org"),
        ("Jane.Doe+news@Example.ORG", "Jane.Doe+news@example.org"),
        ("o'neil!#$%&*/=?^_`{|}~-@a-b.example", "o'neil!#$%&*/=?^_`{|}~-@a-b.example"),
        ("1@1.example", "1@1.example"),
        ('"jane doe"@example.org', '"jane doe"@example.org'),
        ('"jane.doe"@example.org', "jane.doe@example.org"),
        (r'"a\"b\\c\d"@example.org', r'"a\"b\\cd"@example.org'),
        ('"a@b"@example.org', '"a@b"@example.org'),
        ('""@example.org', '""@example.org'),
        ("用户@例え.example", "用户@例え.example"),
        ("a@MÜNCHEN.example", "a@münchen.example"),
        ("a@mu\u0308nchen.example", "a@münchen.example"),
        ("a@xn--mnchen-3ya.example", "a@münchen.example"),
        ("a@XN--MNCHEN-3YA.example", "a@münchen.example"),
        ("a@straße.example", "a@straße.example"),
        ("a@ＥＸＡＭＰＬＥ．org", "a@example.org"),
        ("a@日本。example", "a@日本.example"),
        ("a@نامه\u200cای.example", "a@نامه\u200cای.example"),
    ],
)
def test_what_mail_can_go_to(typed: str, key: str) -> None:
    address = parse_address(typed)
    assert str(address) == key
    assert parse_address(key) == address


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("a@x.org; b@y.org", "holds two addresses"),
        ("a@x.org,b@y.org", "holds two addresses"),
        ("a@x.org b@y.org c@z.org", "holds several addresses"),
        ("Jane <a@x.org>, Joe <b@y.org>", "holds two addresses"),
        ("jane", "no @"),
        ("@example.org", "nothing before the @"),
        ("jane@", "a dot too many after the @, or nothing"),
        ("jane@example", "without a dot"),
        ("jane@example.org.", "a dot too many after"),
        ("jane@.org", "a dot too many after"),
        ("jane@exa..mple.org", "a dot too many after"),
        ("ja..ne@example.org", "a dot too many before"),
        (".jane@example.org", "a dot too many before"),
        ("jane.@example.org", "a dot too many before"),
        ("ja ne@example.org", "a space before"),
        (" jane@example.org", "a space before"),
        ("jane@example.org ", "a space after"),
        ("jane@b@example.org", "more than one @"),
        ("ja,ne@example.org", 'holds "," before'),
        ('ja"ne@example.org', "before the @, where that cannot stand"),
        ("jane@exa_mple.org", 'holds "_" after'),
        ("jane@-a.org", "a hyphen"),
        ("jane@a-.org", "a hyphen"),
        ("jane@ab--c.org", "a hyphen"),
        ("jane@[192.0.2.1]", "a machine by its number"),
        ("jane@[IPv6:2001:db8::1]", "a machine by its number"),
        ("jane@192.0.2.1", "a machine by its number"),
        ("jane@\u0301a.org", "a lone accent"),
        ("jane@☃.example", 'holds "☃" after'),
        ("jane@xn--a.example", "after the @, where that cannot stand"),
        ("jane@xn--zzzzzz99999999.example", "stands for nothing"),
        ("jane@xn--mUnchen-ascii-.example", "stands for nothing"),
        ("Jane <jane@example.org>", "angle brackets"),
        ("<jane@example.org>", "angle brackets"),
        ("jane@example.org>", "angle brackets"),
        ('"a> SIZE=1"@example.org', "angle brackets before the @"),
        (r'"a\<b"@example.org', "angle brackets before the @"),
        ("jane\u00a0doe@example.org", "cannot be seen (U+00A0)"),
        ("jane\u200b@example.org", "cannot be seen (U+200B)"),
        ("\ufeffjane@example.org", "cannot be seen (U+FEFF)"),
        ("jane\u202e@example.org", "cannot be seen (U+202E)"),
        ("jane@exa\u00admple.org", "cannot be seen (U+00AD)"),
        ("\ud800@example.org", "cannot be seen (U+D800)"),
        ("jane@example.org\r\nRCPT TO:<x@y.org>", "cannot be seen (U+000D)"),
        ("jane@example.org\n", "cannot be seen (U+000A)"),
        ("jane\0@example.org", "cannot be seen (U+0000)"),
        ('"ja\tne"@example.org', "cannot be seen (U+0009)"),
        ("jane@example.org\x7f", "cannot be seen (U+007F)"),
    ],
)
def test_what_it_cannot_go_to(typed: str, why: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(typed)
    assert why in caught.value.why
    assert caught.value.advice
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("To: Jane <JANE@example.org>", True),
        ("unknown user jane@example.org.", True),
        ("mary-jane@example.org", False),
        ("mary.jane@example.org", False),
        ("jane@example.org.uk", False),
        ("jane@example.organic", False),
    ],
)
def test_where_a_text_names_somebody(text: str, holds: bool) -> None:
    assert mentions(text, ["joe@example.org", "jane@example.org"]) is holds


def test_lengths_are_counted_in_octets() -> None:
    domain = ".".join(["b" * 63] * 2 + ["c" * 56, "org"])
    assert len(f"{'a' * 64}@{domain}") == 253
    parse_address(f"{'a' * 64}@{domain}")
    parse_address(f"{'ä' * 32}@example.org")
    parse_address(f"a@{'b' * 63}.org")
    for wrong in (
        f"{'a' * 65}@example.org",
        f"{'ä' * 33}@example.org",
        f"a@{'b' * 64}.org",
        f"a@{'ü' * 60}.org",
        f"{'a' * 64}@{domain}.de",
        f"a@{'.'.join(['b' * 60] * 4)}.{'c' * 10}",
        "a" * 10_000,
    ):
        with pytest.raises(AddressError):
            parse_address(wrong)


def test_a_label_is_as_long_as_in_dns() -> None:
    with pytest.raises(AddressError, match="63 octets"):
        parse_address(f"a@{'ü' * 60}.example")


def test_the_local_part_is_compared_as_typed_and_the_domain_without_case() -> None:
    assert parse_address("Jane@EXAMPLE.org") == parse_address("Jane@example.org")
    assert parse_address("Jane@example.org") != parse_address("jane@example.org")


def test_full_case_folding_finds_duplicates() -> None:
    assert parse_address("Jane@Example.org").folded == "jane@example.org"
    assert folded("STRASSE@x.org") == folded("straße@x.org")
    assert folded("JOSE\u0301@x.org") == folded("josé@x.org")


def test_a_message_shows_no_more_than_a_line() -> None:
    assert shown("a\nb") == '"a<U+000A>b"'
    assert shown("a" * 100) == '"' + "a" * 80 + '…"'


def test_parts() -> None:
    address = parse_address("a@Münch.example")
    assert address == Address("a", "münch.example")
    assert domain_of(str(address)) == "münch.example"
    assert domain_of('"a@b"@c.example') == "c.example"
    assert not address.is_ascii
    assert not parse_address("ä@example.org").is_ascii
    assert parse_address("a@example.org").is_ascii


def test_a_hash_depends_on_mailbox_and_salt_only() -> None:
    salt = bytes(32)
    one = salted_hash("Jane@example.org", salt)
    assert one == salted_hash("jane@example.org", salt)
    assert one != salted_hash("jane@example.com", salt)
    assert one != salted_hash("jane@example.org", b"\1" * 32)
    assert len(one) == 64
    # HMAC-SHA256 of the folded address: a list that a database has holds for ever.
    assert one == "072a423cbcbd801a75e490e12fafdb217cd70f5e11d2814676021d238a83142d"


@pytest.mark.parametrize(
    "typed",
    [
        "ada\u200d@example.org",
        "\u200dada@example.org",
        "a\u200cda@example.org",
        "नम\u200dस@example.org",
        "نامه\u200dای@example.org",
        "نامه\u200c@example.org",
        "ada@exam\u200cple.org",
    ],
)
def test_a_joiner_that_joins_nothing_is_refused(typed: str) -> None:
    with pytest.raises(AddressError, match=r"cannot be seen \(U\+200"):
        parse_address(typed)


@pytest.mark.parametrize("typed", ["क्\u200dष@example.org", "نامه\u200cای@example.org"])
def test_a_joiner_that_is_written_stays(typed: str) -> None:
    assert str(parse_address(typed)) == typed


def test_a_domain_is_not_folded_into_another() -> None:
    assert folded("Ann@straße.example") == "ann@straße.example"
    assert folded("Straße@STRASSE.example") == "strasse@strasse.example"
    assert salted_hash("a@straße.example", b"s") != salted_hash("a@strasse.example", b"s")
    assert folded("a@βόλος.example") == "a@βόλος.example"


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("ada.lovelace@example.org", "a…@example.org"),
        ("a@example.org", "a…@example.org"),
        ("é@münchen.example", "é…@münchen.example"),
        ('"a b@c"@example.org', "a…@example.org"),
        ("", "…@"),
    ],
)
def test_a_masked_address_has_one_letter_of_its_name(address: str, seen: str) -> None:
    assert masked(address) == seen
