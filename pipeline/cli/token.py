"""`enews token`: what lets a program or an editor ask for runs over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from pipeline.cli import Group, json_option
from pipeline.cli.console import aside, good, say, say_json
from pipeline.core.text import legal, one_line
from pipeline.core.token import PREFIX, RANDOM_BYTES, AccessToken, Scope, hashed
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.cli.mailing_time import Times
    from pipeline.config import Settings

NAME_MOST = 64
DAYS_MOST = 3650


class Scopes(click.ParamType[frozenset[Scope]]):
    """Scopes with commas between them."""

    name = "scopes"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[Scope]:
        """`build,issue` to a set."""
        words = [word.strip() for word in str(value).split(",")]
        known = [scope.value for scope in Scope]
        for word in words:
            if word not in known:
                self.fail(f"{word!r}: expected {', '.join(known)}, commas between", param, ctx)
        return frozenset(map(Scope, words))


@click.group(cls=Group)
def token() -> None:
    """Who may ask for builds and issues over HTTP."""


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=Scopes(),
    multiple=True,
    required=True,
    metavar="SCOPE[,SCOPE]…",
    help="What it allows: build, issue, metrics.",
)
@click.option("--days", type=click.IntRange(1, DAYS_MOST), help="How long it is good (no end).")
@json_option
@click.pass_obj
def create(
    settings: Settings,
    *,
    name: str,
    scopes: tuple[frozenset[Scope], ...],
    days: int | None,
    as_json: bool,
) -> int:
    """Make a token and show it, this once; what is kept cannot be turned back into it."""
    import secrets

    from pipeline.app import App
    from pipeline.cli.mailing_time import times

    label = one_line(legal(name))
    if not label or len(label) > NAME_MOST:
        raise ConfigError(f"NAME: say in 1 to {NAME_MOST} characters who is going to have it")
    app = App(settings)
    now = app.now()
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    made = AccessToken(
        name=label,
        hash=hashed(secret),
        scopes=frozenset[Scope]().union(*scopes),
        created=now,
        expires=now + timedelta(days=days) if days else None,
    )
    with app.store(aside) as store:
        kept = store.tokens.add(made)
    if as_json:
        say_json({"token": secret, **_json(kept)})
        return 0
    end = f"until {times(app).full(kept.expires)}" if kept.expires else "until it is revoked"
    aside(f"'{label}' may: {_scopes(kept)}; {end}. Copy it now, it is not shown again:")
    say(secret)
    return 0


@token.command("list")
@json_option
@click.pass_obj
def list_tokens(settings: Settings, *, as_json: bool) -> int:
    """Every token that was made, and whether it is still good."""
    from pipeline.app import App
    from pipeline.cli.mailing_time import times
    from pipeline.cli.subscriber_output import aligned

    app = App(settings)
    with app.store(aside) as store:
        found = store.tokens.all()
    if as_json:
        say_json([_json(one) for one in found])
        return 0
    if not found:
        say("There is no token yet; to make one: enews token create NAME --scope build,issue")
    told = times(app)
    for line in aligned(_row(one, told) for one in found):
        say(line)
    return 0


@token.command()
@click.argument("name")
@json_option
@click.pass_obj
def revoke(settings: Settings, *, name: str, as_json: bool) -> int:
    """End the token NAME, at once and for good."""
    from pipeline.app import App

    label = one_line(legal(name))
    app = App(settings)
    with app.store(aside) as store:
        named = [one for one in store.tokens.all() if one.name == label]
        if not named:
            raise ConfigError(f"there is no token '{label}': enews token list shows them")
        # Of one name at most the last is good still.
        changed = store.tokens.revoke(named[-1].id, app.now())
    if as_json:
        say_json({"changed": changed})
    else:
        say(f"{good('Revoked')} '{label}'." if changed else f"'{label}' is revoked already.")
    return 0


def _json(one: AccessToken) -> dict[str, object]:
    """For scripts; neither the token, which nobody has any more, nor its hash."""
    return {
        "name": one.name,
        "scopes": sorted(one.scopes),
        "created": one.created.isoformat(),
        "used": _iso(one.used),
        "expires": _iso(one.expires),
        "revoked": _iso(one.revoked),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _row(one: AccessToken, told: Times) -> tuple[str, ...]:
    """Name, scopes, whether it is good, when it was made and last used."""
    used = f"used {told.full(one.used)}" if one.used else "never used"
    return one.name, _scopes(one), _standing(one, told), f"made {told.full(one.created)}", used


def _standing(one: AccessToken, told: Times) -> str:
    if one.revoked is not None:
        return f"revoked {told.full(one.revoked)}"
    if one.expires is None:
        return "good"
    over = told.now >= one.expires
    return f"{'expired' if over else 'good until'} {told.full(one.expires)}"


def _scopes(one: AccessToken) -> str:
    return ",".join(sorted(one.scopes))
