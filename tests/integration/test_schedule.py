"""`enews schedule`."""

import json
from pathlib import Path

from tests.newsrooms import enews, environment, write_newsroom


def test_the_next_issues_in_both_times_with_clock_changes_marked(tmp_path: Path) -> None:
    root = write_newsroom(tmp_path / "room")
    env = environment(ENEWS_NOW="2027-02-01T10:00+01:00")
    shown = enews(root, "schedule", "letter", "--next", "2", env=env)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout == (
        "letter  last working day 09:00, Europe/Zurich\n"
        "  Fri 26 Feb 2027  09:00 CET   08:00 UTC\n"
        "  Wed 31 Mar 2027  09:00 CEST  07:00 UTC  the clock went forward 1 h since\n"
    )
    shown = enews(root, "schedule", "letter", "--next", "2", "--json", env=env)
    (first, _) = json.loads(shown.stdout)
    assert first == {
        "flow": "draft",
        "newsletter": "letter",
        "cadence": "last working day 09:00",
        "timezone": "Europe/Zurich",
        "day": "2027-02-26",
        "local": "2027-02-26T09:00:00+01:00",
        "utc": "2027-02-26T08:00:00+00:00",
        "shift": "",
    }


def test_a_time_that_is_skipped_or_comes_twice_is_said(tmp_path: Path) -> None:
    root = write_newsroom(tmp_path / "room")
    toml = root / "content" / "newsroom.toml"
    toml.write_text(toml.read_text().replace("last working day 09:00", "daily 02:30"))
    for now, words in (
        ("2027-03-27T12:00+01:00", "28 Mar 2027  03:00 CEST  01:00 UTC  its time is skipped"),
        ("2027-10-30T12:00+02:00", "31 Oct 2027  02:30 CEST  00:30 UTC  its time comes twice"),
    ):
        shown = enews(root, "schedule", "--next", "1", env=environment(ENEWS_NOW=now))
        assert words in shown.stdout


def test_holidays_are_heeded_and_backup_and_cleanup_shown(tmp_path: Path) -> None:
    root = write_newsroom(tmp_path / "room")
    toml = root / "content" / "newsroom.toml"
    text = toml.read_text().replace("[newsroom]", "[newsroom]\nholidays = [2027-02-26]")
    toml.write_text(text + '\n[schedule]\nbackup = "every monday 04:00"\n')
    env = environment(ENEWS_NOW="2027-02-01T10:00+01:00")
    shown = enews(root, "schedule", "--next", "1", env=env).stdout
    assert "Thu 25 Feb 2027  09:00 CET" in shown
    assert "backup  every monday 04:00, Europe/Zurich\n  Mon  8 Feb 2027  04:00 CET" in shown
    assert "cleanup  daily 04:15" in shown


def test_an_unknown_newsletter_is_named(tmp_path: Path) -> None:
    root = write_newsroom(tmp_path / "room")
    shown = enews(root, "schedule", "leter")
    assert shown.returncode == 2
    assert "letter" in shown.stderr
