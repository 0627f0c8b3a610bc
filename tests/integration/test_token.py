"""`enews token`, on a real database, as who runs the newsroom uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.core.token import PREFIX, hashed
from pipeline.errors import ConfigError, StaleError
from tests.newsrooms import NEWSROOM

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2017-07-12T09:00+02:00"


class Room:
    """A newsroom, and the command in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def token(self, *arguments: str, now: str = NOW) -> Result:
        return CliRunner().invoke(
            main,
            ["-C", str(self.root), "token", *arguments],
            env={"ENEWS_NOW": now, "ENEWS_DATABASE_URL": ""},
            catch_exceptions=False,
            standalone_mode=False,
        )

    def said(self, *arguments: str) -> Any:
        return json.loads(self.token(*arguments, "--json").stdout)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/newsroom.toml").write_text(NEWSROOM, "utf-8")
    return Room(tmp_path)


def test_a_token_is_shown_once_and_kept_nowhere(room: Room) -> None:
    made = room.token("create", "the CI", "--scope", "issue, build", "--days", "30")
    secret = made.stdout.strip()
    assert secret.startswith(PREFIX)
    assert len(secret) >= len(PREFIX) + 43, "32 bytes in base64"
    assert made.stderr == (
        "'the CI' may: build,issue; until 2017-08-11 09:00 CEST. "
        "Copy it now, it is not shown again:\n"
    )
    (told,) = room.said("list")
    assert told == {
        "name": "the CI",
        "scopes": ["build", "issue"],
        "created": "2017-07-12T07:00:00+00:00",
        "used": None,
        "expires": "2017-08-11T07:00:00+00:00",
        "revoked": None,
    }
    for path in room.root.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes(), path.name
    shown = room.token("list").stdout
    assert secret not in shown
    assert hashed(secret) not in shown


def test_no_two_tokens_are_alike(room: Room) -> None:
    made = [room.said("create", f"{n}", "--scope", "metrics")["token"] for n in range(3)]
    assert len(set(made)) == 3


def test_scopes_come_with_commas_or_one_by_one(room: Room) -> None:
    made = room.said("create", "a", "--scope", "build", "--scope", "metrics,issue")
    assert made["scopes"] == ["build", "issue", "metrics"]
    assert made["expires"] is None


def test_the_list_says_which_are_good(room: Room) -> None:
    assert "no token yet" in room.token("list").stdout
    assert room.said("list") == []
    room.token("create", "endless", "--scope", "build")
    room.token("create", "short", "--scope", "build,issue", "--days", "1")
    room.token("create", "gone", "--scope", "metrics")
    room.token("revoke", "gone")
    lines = room.token("list", now="2017-07-13T09:00+02:00").stdout.splitlines()
    made = "made 2017-07-12 09:00 CEST  never used"
    assert [" ".join(line.split()) for line in lines] == [
        f"endless build good {made}".replace("  ", " "),
        f"short build,issue expired 2017-07-13 09:00 CEST {made}".replace("  ", " "),
        f"gone metrics revoked 2017-07-12 09:00 CEST {made}".replace("  ", " "),
    ]


def test_a_revoked_token_stays_revoked_and_frees_its_name(room: Room) -> None:
    room.token("create", "desk", "--scope", "build")
    with pytest.raises(StaleError, match="a token 'desk' already: revoke it first"):
        room.token("create", " desk ", "--scope", "build")
    assert room.token("revoke", "desk").stdout == "Revoked 'desk'.\n"
    assert room.token("revoke", "desk").stdout == "'desk' is revoked already.\n"
    assert room.said("revoke", "desk") == {"changed": False}
    room.token("create", "desk", "--scope", "build")
    assert room.said("revoke", "desk") == {"changed": True}
    assert [one["revoked"] is None for one in room.said("list")] == [False, False]


def test_a_token_that_is_not_there_is_named(room: Room) -> None:
    with pytest.raises(ConfigError, match="no token 'desk': enews token list"):
        room.token("revoke", "desk")


@pytest.mark.parametrize("name", ["", " \n ", "\x00", "x" * 65])
def test_a_name_is_a_line_that_says_who(room: Room, name: str) -> None:
    with pytest.raises(ConfigError, match="NAME: say in 1 to 64 characters"):
        room.token("create", name, "--scope", "build")


@pytest.mark.parametrize(
    "arguments", [[], ["--scope", "all"], ["--scope", ""], ["--scope", "build", "--days", "0"]]
)
def test_wrong_use_makes_no_token(room: Room, arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        room.token("create", "desk", *arguments)
    assert room.said("list") == []
