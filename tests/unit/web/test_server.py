"""What the web server says in the log."""

from __future__ import annotations

import logging

import pytest

from pipeline.web.server import QUIET_SECONDS, Seldom

INVALID = "Invalid HTTP request received."
UPGRADE = "Unsupported upgrade request."


def record(words: str) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", logging.WARNING, "", 0, words, (), None)


@pytest.mark.parametrize("words", [INVALID, UPGRADE, "Exceeded concurrency limit."])
def test_what_strangers_cause_is_said_once_a_minute(words: str) -> None:
    clock = [100.0]
    seldom = Seldom(lambda: clock[0])
    assert [seldom.filter(record(words)) for _ in range(3)] == [True, False, False]
    clock[0] += QUIET_SECONDS - 1
    assert not seldom.filter(record(words))
    clock[0] += 1
    assert seldom.filter(record(words))


def test_one_kind_does_not_silence_another_and_failures_are_all_said() -> None:
    seldom = Seldom(lambda: 0.0)
    assert seldom.filter(record(INVALID))
    assert seldom.filter(record(UPGRADE))
    assert all(seldom.filter(record("Exception in ASGI application")) for _ in range(3))
