"""Waivers: which warnings an editor lets pass, by name and with a reason, in the plan.

::

    waive:
      subject-long: The name of the conference is that long.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.finding import Finding, Severity, by_weight
from pipeline.render.gate.rule import Group, error, note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pipeline.render.gate.facts import Mail
    from pipeline.render.gate.rule import Rule

UNKNOWN = error(
    "waiver-unknown",
    "A waiver of a rule that there is not lets nothing pass, and nobody would notice.",
    "write the name that 'enews issue check' prints",
)
NO_REASON = error(
    "waiver-without-reason",
    "Whoever reads the plan next year asks why.",
    "say why in a few words",
)
NOT_ALLOWED = error(
    "waiver-not-allowed",
    "Errors harm readers whatever the reason; notes refuse nothing.",
    "correct what the rule names, and take the waiver out",
)
IDLE = note(
    "waiver-idle",
    "Nothing is found any more that this waiver would let pass.",
    "take it out of the plan",
)


def waived(
    findings: Iterable[Finding],
    waivers: Mapping[str, str],
    rules: Mapping[str, Rule],
    where: Callable[[str], str],
) -> tuple[Finding, ...]:
    """The findings with the reasons that were given, and what is wrong with the waivers.

    `where` gives the place of a waiver in the plan.
    """
    reasons = {
        name: reason.strip()
        for name, reason in waivers.items()
        if reason.strip() and name in rules and rules[name].severity is Severity.WARNING
    }
    passed = [replace(found, waived=reasons.get(found.rule, "")) for found in findings]
    met = {found.rule for found in passed}
    return by_weight([*passed, *_wrong(waivers, rules, met, where)])


def _wrong(
    waivers: Mapping[str, str],
    rules: Mapping[str, Rule],
    met: set[str],
    where: Callable[[str], str],
) -> Iterator[Finding]:
    for name, reason in waivers.items():
        rule = rules.get(name)
        if rule is None:
            yield UNKNOWN.at(where(name), f"{name}{_nearest(name, rules)}")
        elif rule.severity is not Severity.WARNING:
            yield NOT_ALLOWED.at(where(name), f"{name}: its findings are {rule.severity}s")
        elif not reason.strip():
            yield NO_REASON.at(where(name), name)
        elif name not in met:
            yield IDLE.at(where(name), name)


def _nearest(word: str, known: Iterable[str]) -> str:
    # Only a mistake pays for loading difflib.
    from difflib import get_close_matches

    near = get_close_matches(word, sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _nothing(_mail: Mail) -> Iterable[Finding]:
    return ()


GROUP = Group(title="Waivers", rules=(UNKNOWN, NO_REASON, NOT_ALLOWED, IDLE), ask=_nothing)
