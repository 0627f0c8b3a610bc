"""Which numbers may be connected to."""

from __future__ import annotations

import socket
import ssl
from http.client import BadStatusLine

import pytest

from pipeline.net.reaching import is_public, trouble_in_words


@pytest.mark.parametrize("number", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::808:808"])
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
    ],
)
def test_private_numbers(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError("timed out"), "no answer in time"),
        (TimeoutError("its name server does not answer"), "its name server does not answer"),
        (BadStatusLine("x"), "an answer that is not HTTP"),
        (ConnectionRefusedError(111, "Connection refused"), "no connection: Connection refused"),
        (socket.gaierror("x"), "no connection: x"),
        (ssl.SSLError("odd"), "no connection: odd"),
    ],
)
def test_trouble_is_told_in_words(error: Exception, words: str) -> None:
    assert trouble_in_words(error) == words
