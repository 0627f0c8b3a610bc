"""All rules of the gate, and what they say of one mail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.finding import Finding, by_weight
from pipeline.render.gate import (
    contents,
    contrast,
    headers,
    links,
    outside,
    parts,
    pictures,
    service,
    size,
    structure,
    subject,
    support,
    waiving,
    wording,
)

if TYPE_CHECKING:
    from pipeline.render.gate.facts import Mail

GROUPS = (
    subject.GROUP,
    contents.GROUP,
    wording.GROUP,
    links.GROUP,
    pictures.GROUP,
    parts.GROUP,
    contrast.GROUP,
    support.GROUP,
    structure.GROUP,
    service.GROUP,
    size.GROUP,
    headers.GROUP,
)
"""In the order in which an editor would look."""

EVERY = (*GROUPS, outside.GROUP, waiving.GROUP)
RULES = {rule.name: rule for group in EVERY for rule in group.rules}
"""Every rule by its name."""


def judge(mail: Mail, *, lang: str = "") -> tuple[Finding, ...]:
    """What the rules find in a mail, the heaviest first; `lang` where there are several."""
    found = (finding for group in GROUPS for finding in group.ask(mail))
    return by_weight(replace(finding, lang=lang) for finding in found)
