"""`[sending]` of `newsroom.toml`: what it may say, and what is said of the rest."""

from __future__ import annotations

import pytest

from pipeline.content.newsroom import read_newsroom
from pipeline.content.sending import return_path
from pipeline.core.sending import RETRY_MINUTES, Sending
from pipeline.errors import ConfigError
from tests.unit.content.test_newsroom import LEAST


def _sending(text: str) -> Sending:
    return read_newsroom(f"{LEAST}[sending]\n{text}\n".encode()).sending


def _said(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        _sending(text)
    (problem,) = caught.value.problems
    assert problem.line == 8, problem
    return f"{problem.field}: found {problem.found}: {problem.expected}"


def test_a_newsroom_that_says_nothing() -> None:
    assert read_newsroom(LEAST.encode()).sending == _sending("") == Sending()


def test_everything() -> None:
    assert _sending(
        "connections = 4\nper_second = 2.5\nper_hour = 5000\nper_domain_per_minute = 60\n"
        "warm_up = 500\nretry_minutes = [1, 2.5, 2.5]\nretry_hours = 24\nlate_hours = 12.5\n"
        'return_path = "bounces@News.Example.org"\n'
    ) == Sending(
        connections=4,
        per_second=2.5,
        per_hour=5000,
        per_domain_per_minute=60,
        warm_up=500,
        retry_minutes=(1.0, 2.5, 2.5),
        retry_hours=24.0,
        late_hours=12.5,
        return_path="bounces@news.example.org",
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("connections = 0", "expected a whole number from 1 to 100"),
        ("connections = 1.5", "expected a whole number from 1 to 100"),
        ("per_second = -1", "expected a number from 0 to 100000"),
        ("per_second = nan", "expected a number from 0 to 100000"),
        ("per_second = true", "expected a number from 0 to 100000"),
        ('per_second = "2"', "expected a number from 0 to 100000"),
        ("per_hour = -1", "expected a whole number from 0 to 100000000"),
        ("per_domain_per_minute = 1000001", "expected a whole number from 0 to 1000000"),
        (f"per_second = {10**400}", "expected a number from 0 to 100000"),
        (f"retry_minutes = {10**400}", "expected 1 to 50 numbers of minutes"),
        ("warm_up = -5", "expected a whole number from 0 to 10000000"),
        ("retry_hours = 0", "expected a number from 1 to 240"),
        ("late_hours = inf", "expected a number from 1 to 8760"),
        ("retry_minutes = []", "expected 1 to 50 numbers of minutes"),
        ("retry_minutes = [0]", "expected 1 to 50 numbers of minutes"),
        ("retry_minutes = [5, true]", "expected 1 to 50 numbers of minutes"),
        ('retry_minutes = ["5"]', "expected 1 to 50 numbers of minutes"),
        ("retry_minutes = [5, 2000]", "expected 1 to 50 numbers of minutes"),
        (f"retry_minutes = {[5] * 51}", "expected 1 to 50 numbers of minutes"),
        ("retry_minutes = [5, 1]", "found 5, 1: expected each wait at least as long"),
        ('return_path = "Desk <d@x.example>"', "expected an address such as bounces@"),
        ("return_path = 5", "expected text"),
        ("per_seconds = 5", 'unknown key; did you mean "per_second"?'),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, wrong: str) -> None:
    assert wrong in _said(text)


def test_one_wait_needs_no_list() -> None:
    assert _sending("retry_minutes = 7").retry_minutes == (7.0,)
    assert tuple(sorted(RETRY_MINUTES)) == RETRY_MINUTES


@pytest.mark.parametrize(
    "text",
    [
        "bounces",
        "@news.example.org",
        "bounces@localhost",
        "bounces@news.example.org\r\nX: y",
        "bounces@news..example.org",
        "bounces@-news.example.org",
        "bounces@127.0.0.1",
        ".bounces@news.example.org",
        "boun..ces@news.example.org",
        "boun+ces@news.example.org",
        "b" * 31 + "@news.example.org",
        "bounces@" + "n" * 64 + ".org",
        "bounces@" + "n." * 100 + "org",
        "bounces@zürich.example.org",
        '"a b"@news.example.org',
    ],
)
def test_what_is_no_return_path(text: str) -> None:
    with pytest.raises(ValueError, match="an address such as"):
        return_path(text)


def test_a_newsletter_that_goes_by_topics() -> None:
    text = (
        f'{LEAST}[[newsletters]]\nkey = "a"\ntitle = "A"\nsender = "a@x.example"\n'
        'postal_address = "Genève"\ncadence = "last day 09:00"\n'
    )
    (by_topics,) = read_newsroom(f"{text}topics = true\n".encode()).newsletters
    (plain,) = read_newsroom(text.encode()).newsletters
    assert (by_topics.topics, plain.topics) == (True, False)
