"""Which numbers are public, and which hosts are numbers."""

from __future__ import annotations

import pytest

from pipeline.core.network import is_public, number_of


@pytest.mark.parametrize(
    "number",
    [
        "93.184.215.14",
        "2606:2800:21f:cb07::1",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
        "2002:808:808::1",
    ],
)
def test_public_numbers(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:192.168.1.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "::7f00:1",
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::7f00:1",
        "fec0::1",
        "5f00::1",
        "3fff::1",
        "2001:db8::1",
        "2001:0:808:808::f7f7:f7f7",
        "192.0.0.8",
        "192.88.99.1",
    ],
)
def test_private_numbers(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize(
    ("host", "number"),
    [
        ("192.168.1.1", "192.168.1.1"),
        ("192.168.1.1.", "192.168.1.1"),
        ("127.1", "127.0.0.1"),
        ("0x7f.0.0.1", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("::1", "::1"),
        ("1.2.3.4.5", ""),
        ("256.1.1.1", ""),
        ("1.2.3.256", ""),
        ("08.1", ""),
        ("", ""),
        ("news.example.org", ""),
        ("1.example.org", ""),
    ],
)
def test_what_browsers_take_for_a_number(host: str, number: str) -> None:
    assert number_of(host) == number
