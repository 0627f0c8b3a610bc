"""`enews issue build`, `list`, `show`, `test` and `release`."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import click

from pipeline.cli import Group, json_option
from pipeline.cli.console import aside, error_json, good, report_error, say, say_json
from pipeline.cli.issue_check import check
from pipeline.cli.issue_preview import preview
from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pipeline.config import Settings
    from pipeline.flows.assemble import Built
    from pipeline.flows.workshop import Workshop


class Day(click.ParamType[date]):
    """A calendar day."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """`2017-06-30` to a date."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r}: expected a date such as 2017-06-30", param, ctx)


@click.group(cls=Group)
def issue() -> None:
    """Build, show and release issues of a newsletter."""


issue.add_command(check)
issue.add_command(preview)


@issue.command()
@click.argument("newsletter", required=False, default="")
@click.option("--on", type=Day(), help="The issue's date (default: today).")
@click.option("--special", metavar="TITLE", default="", help="A special issue, without a number.")
@click.option("--new", "another", is_flag=True, help="A second issue in the same period.")
@click.option("--refresh", is_flag=True, help="Add what is new since the plan was made.")
@json_option
@click.pass_obj
def build(
    settings: Settings,
    *,
    newsletter: str,
    on: date | None,
    special: str,
    another: bool,
    refresh: bool,
    as_json: bool,
) -> int:
    """Make the period's issue, or find it, and render it into output/."""
    from pipeline.cli.issue_output import built_json, say_built
    from pipeline.flows.assemble import Wish, build_issue

    special = " ".join(special.split())
    wish = Wish(newsletter=newsletter, on=on, special=special, another=another, refresh=refresh)
    try:
        with _open(settings, "enews issue build") as (workshop, now):
            found = build_issue(workshop, wish, now=now)
            _render(workshop, found, now)
    except EnewsError as error:
        return _failed(error, as_json=as_json)
    if as_json:
        say_json(built_json(found))
    else:
        say_built(found, settings.folders)
    return 0


@issue.command(name="list")
@json_option
@click.pass_obj
def list_(settings: Settings, *, as_json: bool) -> int:
    """Every issue: drafts, and what was released."""
    from pipeline.cli.issue_output import listed_json, say_listed
    from pipeline.flows.assemble import list_issues

    try:
        with _open(settings, "enews issue list") as (workshop, now):
            issues = list_issues(workshop, now=now)
    except EnewsError as error:
        return _failed(error, as_json=as_json)
    if as_json:
        say_json([listed_json(listed) for listed in issues])
    else:
        say_listed(issues)
    return 0


@issue.command()
@click.argument("name", metavar="ID")
@json_option
@click.pass_obj
def show(settings: Settings, *, name: str, as_json: bool) -> int:
    """Contents, what was left out and why, subject, sizes, digest."""
    from pipeline.cli.issue_output import report_json, say_report
    from pipeline.flows.assemble import review_issue, show_issue

    try:
        with _open(settings, "enews issue show") as (workshop, now):
            if as_json:
                say_json(report_json(show_issue(workshop, name, now=now)))
            else:
                say_report(*review_issue(workshop, name, now=now), settings.folders)
    except EnewsError as error:
        return _failed(error, as_json=as_json)
    return 0


@issue.command()
@click.argument("name", metavar="ID")
@click.option("--digest", required=True, metavar="D", help="What you reviewed: show prints it.")
@json_option
@click.pass_obj
def release(settings: Settings, *, name: str, digest: str, as_json: bool) -> int:
    """Freeze an issue: its number and its message never change again."""
    from pipeline.cli.issue_output import released_json
    from pipeline.flows.build import build as build_flow
    from pipeline.flows.release import release as release_flow

    try:
        with _open(settings, "enews issue release") as (workshop, now):
            lock, fresh = release_flow(workshop, name, digest, now=now)
            build_flow(workshop, now=now)
    except EnewsError as error:
        return _failed(error, as_json=as_json)
    if as_json:
        say_json(released_json(lock, fresh=fresh))
        return 0
    say(good(f"Released {lock.id}") if fresh else f"{lock.id} is already released")
    say(f"  {lock.title}")
    say(f"  digest {lock.digest}")
    return 0


@issue.command()
@click.argument("name", metavar="ID")
@click.argument("address")
@json_option
@click.pass_obj
def test(settings: Settings, *, name: str, address: str, as_json: bool) -> int:
    """Send an issue, released or not, to one address: yours."""
    from pipeline.app import App
    from pipeline.cli.mailing_start import try_out
    from pipeline.postroom import Postroom

    return try_out(Postroom(App(settings)), name, address, as_json=as_json)


@contextmanager
def _open(settings: Settings, who: str) -> Iterator[tuple[Workshop, datetime]]:
    from pipeline.app import App

    app = App(settings)
    with app.workshop(who, waiting=lambda holder: aside(f"Waiting for {holder}…")) as workshop:
        yield workshop, app.now()


def _render(workshop: Workshop, found: Built, now: datetime) -> None:
    """The output with the issue in it, so that the editor can look at it."""
    from pipeline.flows.build import build as build_flow

    if found.issue is not None:
        build_flow(workshop, now=now)


def _failed(error: EnewsError, *, as_json: bool) -> int:
    if as_json:
        say_json(error_json(error))
    else:
        report_error(error)
    return error.exit_code
