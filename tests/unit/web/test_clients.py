"""Only proxies that were named are believed."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.web.clients import Proxies

PEER = "10.0.0.9"


def unveiled(trusted: str, *fields: tuple[str, str], peer: str | None = PEER) -> tuple[Any, str]:
    scope: dict[str, Any] = {
        "client": None if peer is None else (peer, 5000),
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in fields],
    }
    Proxies(trusted).unveil(scope)
    return scope["client"] and scope["client"][0], scope["scheme"]


def of(value: str) -> tuple[str, str]:
    return ("x-forwarded-for", value)


@pytest.mark.parametrize(
    ("trusted", "told", "expected"),
    [
        ("", "203.0.113.5", PEER),
        ("10.0.0.8", "203.0.113.5", PEER),
        ("10.0.0.9", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8, 172.16.0.0/12", "198.51.100.1, 203.0.113.5, 172.16.0.4", "203.0.113.5"),
        ("10.0.0.0/8", "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("10.0.0.0/8", "203.0.113.5:4711", "203.0.113.5"),
        ("10.0.0.0/8", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.0/8", "2001:DB8::1", "2001:db8::1"),
        ("10.0.0.0/8", "::ffff:203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8", "unknown", PEER),
        ("10.0.0.0/8", "203.0.113.5, nonsense", PEER),
        ("10.0.0.0/8", "nonsense, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.0/8", "", PEER),
        ("10.0.0.0/8", "203.0.113.5,", PEER),
    ],
)
def test_who_asks(trusted: str, told: str, expected: str) -> None:
    assert unveiled(trusted, of(told))[0] == expected


def test_several_lines_are_one_list() -> None:
    assert unveiled(PEER, of("198.51.100.1"), of("203.0.113.5"))[0] == "203.0.113.5"


def test_a_unix_socket_is_trusted_by_its_word() -> None:
    assert unveiled("unix", of("203.0.113.5"), peer=None)[0] == "203.0.113.5"
    assert unveiled("10.0.0.0/8", of("203.0.113.5"), peer=None)[0] is None
    assert unveiled("unix", of("203.0.113.5"))[0] == PEER


def test_ipv4_in_the_clothes_of_ipv6_is_the_same_proxy() -> None:
    assert unveiled(PEER, of("203.0.113.5"), peer=f"::ffff:{PEER}")[0] == "203.0.113.5"


@pytest.mark.parametrize(
    ("trusted", "told", "proto", "expected"),
    [
        ("", "203.0.113.5", "https", "http"),
        (PEER, "203.0.113.5", "https", "https"),
        (PEER, "203.0.113.5", "HTTPS", "https"),
        (PEER, "203.0.113.5", "javascript", "http"),
        (PEER, "203.0.113.5", "https, http", "http"),
        ("10.0.0.0/8", "203.0.113.5, 10.0.0.1", "https, http", "https"),
        ("10.0.0.0/8", "203.0.113.5, 10.0.0.1", "https", "https"),
        (PEER, "nonsense", "https", "http"),
    ],
)
def test_the_scheme(trusted: str, told: str, proto: str, expected: str) -> None:
    assert unveiled(trusted, of(told), ("x-forwarded-proto", proto))[1] == expected


def test_an_endless_list_is_read_to_an_end() -> None:
    told = ", ".join(["10.0.0.1"] * 5000)
    assert unveiled("10.0.0.0/8", of(told))[0] == "10.0.0.1"


@pytest.mark.parametrize("text", ["proxy.example.org", "10.0.0.1/8", "10.0.0.0/40", "*", "10.0.0"])
def test_nonsense_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match="ENEWS_TRUSTED_PROXIES") as caught:
        Proxies(text)
    assert text in str(caught.value)
