"""Findings: what refuses a release, and in which order they are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.finding import Finding, Severity, by_weight

NOTE = Finding(rule="a", severity=Severity.NOTE, where="HTML", found="x", advice="do it")
WARNING = replace(NOTE, rule="b", severity=Severity.WARNING)
ERROR = replace(NOTE, rule="c", severity=Severity.ERROR)


@pytest.mark.parametrize(
    ("finding", "refuses"),
    [
        (NOTE, False),
        (WARNING, True),
        (replace(WARNING, waived="we know"), False),
        (ERROR, True),
        (replace(ERROR, waived="an error cannot be"), True),
    ],
)
def test_errors_and_warnings_that_nobody_waived_refuse(finding: Finding, refuses: bool) -> None:
    assert finding.refuses is refuses


def test_the_heaviest_come_first_each_once_else_as_found() -> None:
    other = replace(WARNING, where="text")
    assert by_weight([NOTE, other, WARNING, ERROR, other]) == (ERROR, other, WARNING, NOTE)
