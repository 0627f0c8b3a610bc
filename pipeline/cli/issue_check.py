"""`enews issue check`, and how findings are told wherever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli import json_option
from pipeline.cli.console import (
    aside,
    counted,
    error_json,
    faint,
    good,
    report_error,
    say,
    say_json,
)
from pipeline.core.finding import Severity
from pipeline.errors import EnewsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.config import Settings
    from pipeline.core.finding import Finding
    from pipeline.flows.gate import GateReport, Weights

REFUSED = 3
COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


@click.command()
@click.argument("name", metavar="ID")
@click.option("--links", is_flag=True, help="Ask other sites whether their pages are there.")
@json_option
@click.pass_obj
def check(settings: Settings, *, name: str, links: bool, as_json: bool) -> int:
    """Say what readers of an issue would suffer from, before it goes out."""
    from pipeline.app import App
    from pipeline.flows.gate import check_issue

    app = App(settings)
    try:
        outside = app.outside() if links else None
        with app.workshop(
            "enews issue check", waiting=lambda holder: aside(f"Waiting for {holder}…")
        ) as workshop:
            report = check_issue(workshop, name, now=app.now(), outside=outside)
    except EnewsError as error:
        if as_json:
            say_json(error_json(error))
        else:
            report_error(error)
        return error.exit_code
    if as_json:
        say_json(gate_json(report))
    else:
        say_gate(report)
    return REFUSED if report.refuses else 0


def gate_json(report: GateReport) -> dict[str, object]:
    """What the gate found, for scripts."""
    return {
        "id": report.id,
        "title": report.title,
        "released": report.released,
        "fit": not report.refuses,
        "findings": [finding_json(finding) for finding in report.findings],
        "weights": [_weights_json(weights) for weights in report.weights],
        "asked": report.asked,
    }


def finding_json(finding: Finding) -> dict[str, object]:
    """A finding for scripts; `waived` is the reason, "" for none."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "where": finding.where,
        "found": finding.found,
        "advice": finding.advice,
        "lang": finding.lang,
        "waived": finding.waived,
    }


def say_gate(report: GateReport) -> None:
    """The findings by severity, then what the mail weighs, then whether it may go out."""
    say_findings(report.findings)
    if report.asked is not None:
        say(f"Links to other sites: {report.asked} asked, now or lately")
    for weights in report.weights:
        say(_weighed(weights, several=len(report.weights) > 1))
    say(verdict(report))


def say_findings(findings: Sequence[Finding]) -> None:
    """The findings, grouped by severity, the heaviest first; nothing where there are none."""
    for severity in Severity:
        mine = [finding for finding in findings if finding.severity is severity]
        if not mine:
            continue
        say(click.style(counted(len(mine), severity.value), fg=COLOURS[severity], bold=True))
        for finding in mine:
            lang = f" [{finding.lang}]" if finding.lang else ""
            say(f"  {finding.rule}{lang}  {finding.where}")
            say(f"    {finding.found}")
            if finding.waived:
                say(faint(f"    waived: {finding.waived}"))
            else:
                say(faint(f"    {finding.advice}"))
        say()


def verdict(report: GateReport) -> str:
    """Whether a release would take the issue, in a line."""
    refusing = len(report.refuses)
    if report.released:
        fine, wrong = "is released and in order", "is released, and would not be now"
    else:
        fine, wrong = "may go out", "cannot be released yet"
    if not refusing:
        return good(f"{report.id} {fine}")
    return click.style(f"{report.id} {wrong}: {counted(refusing, 'finding')}", fg="red")


def _weighed(weights: Weights, *, several: bool) -> str:
    lang = f" [{weights.lang}]" if several else ""
    sizes = f"HTML {weights.html:,}, text {weights.text:,}, pictures {weights.pictures:,}"
    return f"Bytes{lang}: {sizes}, message {weights.message:,}"


def _weights_json(weights: Weights) -> dict[str, object]:
    return {
        "lang": weights.lang,
        "html": weights.html,
        "text": weights.text,
        "pictures": weights.pictures,
        "message": weights.message,
    }
