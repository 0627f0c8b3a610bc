"""What is told of a request that failed."""

from __future__ import annotations

import socket
import ssl
from http.client import BadStatusLine

import pytest

from pipeline.net.reaching import trouble_in_words


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
