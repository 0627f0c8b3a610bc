"""Rules on links to elsewhere, asked only with `--links`: what the other side answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.core.answer import Outcome
from pipeline.core.issue import PREFERENCES, UNSUBSCRIBE
from pipeline.render.gate.facts import split_url
from pipeline.render.gate.rule import Group, error, note, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pipeline.core.answer import Answer
    from pipeline.core.finding import Finding
    from pipeline.render.gate.facts import Mail

DEAD = warning(
    "outside-dead",
    "The other site says that there is nothing at this address.",
    "correct the link, or take it out",
)
UNSURE = note(
    "outside-unsure",
    "The other site did not answer, or not to us: it may well answer readers.",
    "open it once in a browser",
)
MOVED = note(
    "outside-moved",
    "The other site says that this page lives elsewhere for good.",
    "link to the new address",
)
REFUSED = error(
    "outside-refused",
    "The name leads into a private network: readers cannot open it, and we do not ask.",
    "link to a public address",
)
RULES = {
    Outcome.DEAD: DEAD,
    Outcome.UNSURE: UNSURE,
    Outcome.MOVED: MOVED,
    Outcome.REFUSED: REFUSED,
}


def outside_links(mail: Mail) -> tuple[str, ...]:
    """The addresses in a mail that are not of this site, each once, in order."""
    return tuple(
        dict.fromkeys(
            link.href.partition("#")[0]
            for link in mail.document.links
            if split_url(link.href).scheme in {"http", "https"}
            and link.href not in {UNSUBSCRIBE, PREFERENCES}
            and mail.within(link.href) is None
        )
    )


def judge_answers(mail: Mail, answers: Mapping[str, Answer]) -> Iterator[Finding]:
    """What the other sites answered, link by link."""
    told: set[str] = set()
    for link in mail.document.links:
        url = link.href.partition("#")[0]
        answer = answers.get(url)
        rule = RULES.get(answer.outcome) if answer else None
        if answer is None or rule is None or url in told:
            continue
        told.add(url)
        yield rule.at(mail.place(link.element, link.href), f"{url}: {answer.said}")


def _nothing(_mail: Mail) -> Iterable[Finding]:
    return ()


GROUP = Group(title="Links to elsewhere", rules=(DEAD, REFUSED, UNSURE, MOVED), ask=_nothing)
