"""`enews issue check`: what the gate says of an issue, in each of its languages.

::

    messages ─▶ parts ─▶ facts.Mail ─▶ rules ─▶ findings ─▶ waivers of the plan ─▶ GateReport
                            ▲
    plan, items, pages, pictures, templates

`release` asks the same before it freezes anything, and refuses what `GateReport.refuses` says.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipeline.core.budget import HTML_MOST, weight
from pipeline.core.client import clients_of
from pipeline.core.finding import Finding, by_weight
from pipeline.core.issue import issue_path, newsletter_of
from pipeline.core.message import Parts
from pipeline.core.plan import Plan
from pipeline.core.versions import newsletter_in, plan_in
from pipeline.errors import ContentError, GateError, IssueError, Problem
from pipeline.flows.addresses import Addresses
from pipeline.flows.issue_report import find_issue, messages, open_site
from pipeline.render.dates import direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from pipeline.core.answer import Answer
    from pipeline.core.issue import Lock
    from pipeline.core.newsroom import Newsletter, Newsroom
    from pipeline.flows.workshop import Workshop
    from pipeline.ports.building import Outside
    from pipeline.render.gate.facts import Mail, PictureFile
    from pipeline.render.site import Site

SOURCES = (".html", ".txt", ".css")
STYLE = "email/style.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a version weighs, in bytes: `html` with a subscriber's own links filled in."""

    lang: str
    html: int
    text: int
    pictures: int
    message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """What the gate found in an issue, the heaviest first, and the weight of each version.

    `asked` is how many addresses elsewhere were asked, None where nobody wanted that.
    """

    id: str
    title: str
    released: bool
    findings: tuple[Finding, ...]
    weights: tuple[Weights, ...]
    asked: int | None = None

    @property
    def refuses(self) -> tuple[Finding, ...]:
        """What a release has to wait for: errors, and warnings that nobody waived."""
        return tuple(finding for finding in self.findings if finding.refuses)


def check_issue(
    workshop: Workshop, name: str, *, now: datetime, outside: Outside | None = None
) -> GateReport:
    """Everything the gate says of one issue; with `outside`, links to elsewhere are asked too.

    Raises ConfigError for an unknown id, ContentError, RenderError and IssueError.
    """
    site = open_site(workshop, now=now)
    issue = find_issue(site, name)
    raws = messages(workshop, site, issue)
    return judge_issue(workshop, site, issue, raws, now=now, outside=outside)


def judge_issue(
    workshop: Workshop,
    site: Site,
    issue: Lock | Plan,
    raws: Mapping[str, bytes],
    *,
    now: datetime,
    outside: Outside | None = None,
) -> GateReport:
    """The same for messages that are there already, by language, the main one first."""
    # The rules load the HTML parser, which most commands do without.
    from pipeline.render.gate.rules import RULES
    from pipeline.render.gate.waiving import waived

    if isinstance(issue, Plan) and issue not in site.drafts:
        # A plan that was made just now: its own pages are among those that a build would make.
        others = (draft for draft in site.drafts if draft.id != issue.id)
        site = replace(site, drafts=(issue, *others))
    desk = _Desk(workshop, site, issue, now=now)
    mails = {lang: desk.mail(lang, raw) for lang, raw in raws.items()}
    answers = _asked(mails, outside) if outside else {}
    several = len(mails) > 1
    found = [
        finding
        for lang, mail in mails.items()
        for finding in _judged(mail, answers, lang if several else "")
    ]
    source = f"issues/{issue.id}.md"
    place = partial(_waiver_line, workshop, source)
    return GateReport(
        id=issue.id,
        title=issue.title,
        released=not isinstance(issue, Plan),
        findings=waived(by_weight(_merged(found, len(mails))), desk.waivers(), RULES, place),
        weights=tuple(_weights(lang, mail) for lang, mail in mails.items()),
        asked=len(answers) if outside else None,
    )


def refuse_unfit(report: GateReport) -> None:
    """Raises GateError with everything that a release has to wait for."""
    refusing = report.refuses
    if not refusing:
        return
    lines = "\n".join(
        f"  {finding.severity} {finding.rule}: {finding.where}: {finding.found}: {finding.advice}"
        for finding in refusing
    )
    message = (
        f"{report.id} is not fit to go out:\n{lines}\n"
        "Correct it; a warning may also be waived in the plan, by name and with a reason: "
        "waive: {rule: why}"
    )
    problems = [
        Problem(path=x.where, field=x.rule, found=x.found, expected=x.advice) for x in refusing
    ]
    raise GateError(message, problems)


def _judged(mail: Mail, answers: Mapping[str, Answer], lang: str) -> tuple[Finding, ...]:
    from pipeline.render.gate.outside import judge_answers
    from pipeline.render.gate.rules import judge

    elsewhere = (replace(finding, lang=lang) for finding in judge_answers(mail, answers))
    return (*judge(mail, lang=lang), *elsewhere)


def _merged(found: Sequence[Finding], versions: int) -> Iterator[Finding]:
    """What is said of every version alike, once and of no language."""
    counts = Counter(replace(finding, lang="") for finding in dict.fromkeys(found))
    for finding in found:
        whole = replace(finding, lang="")
        yield whole if counts[whole] == versions else finding


def _asked(mails: Mapping[str, Mail], outside: Outside) -> Mapping[str, Answer]:
    from pipeline.render.gate.outside import outside_links

    urls = dict.fromkeys(url for mail in mails.values() for url in outside_links(mail))
    return outside.ask(tuple(urls))


def _weights(lang: str, mail: Mail) -> Weights:
    from pipeline.render.gate.pictures import weight_of

    return Weights(
        lang=lang,
        html=weight(mail.html),
        text=len(mail.text.encode()),
        pictures=weight_of(mail),
        message=len(mail.raw),
    )


def _waiver_line(workshop: Workshop, source: str, name: str) -> str:
    line = workshop.content.line_of(source, f"waive.{name}", "")
    return f"{source}:{line}" if line else source


def _config(newsroom: Newsroom, newsletter: Newsletter | None) -> Mapping[str, str]:
    """What newsroom.toml says of where the site and the senders are."""
    said = {"base_url": newsroom.base_url}
    if newsletter is None:
        return said
    return {**said, "sender": newsletter.sender, "reply_to": newsletter.reply_to}


class _Desk:
    """Lays out the facts of an issue's mails."""

    def __init__(
        self, workshop: Workshop, site: Site, issue: Lock | Plan, *, now: datetime
    ) -> None:
        self._workshop = workshop
        self._site = site
        self._issue = issue
        self._addresses = Addresses(workshop, site, now=now)
        templates = workshop.templates
        self._templates = {
            name: templates.asset(name).decode("utf-8", "replace")
            for name in templates.assets("email/")
            if name.endswith(SOURCES)
        }
        self._default_css = templates.default(STYLE).decode("utf-8", "replace")

    def waivers(self) -> Mapping[str, str]:
        """What the plan lets pass; that of a released issue as well, where its file is there."""
        if isinstance(self._issue, Plan):
            return self._issue.waive
        issues = self._workshop.issues
        try:
            plans = issues.plans(
                {x.key: x.languages[1:] for x in self._site.catalogue.newsroom.newsletters},
                issues.released() - {self._issue.id},
            )
        except ContentError:
            return {}
        return next((plan.waive for plan in plans if plan.id == self._issue.id), {})

    def mail(self, lang: str, raw: bytes) -> Mail:
        """The facts of one version."""
        from pipeline.render.gate.document import parse
        from pipeline.render.gate.facts import Mail

        parts = self._parts(raw)
        newsroom = self._site.catalogue.newsroom
        newsletter = newsroom.newsletter(newsletter_of(self._issue.id))
        here = newsletter_in(newsletter, lang) if newsletter else None
        plan = plan_in(self._issue, lang) if isinstance(self._issue, Plan) else None
        base = self._base_url(parts.html)
        document = parse(parts.html)
        addresses = self._addresses
        mail = Mail(
            lang=lang,
            dir=direction(lang),
            subject=parts.subject,
            text=parts.text,
            html=parts.html,
            raw=raw,
            base_url=base,
            postal_address=here.postal_address if here else "",
            clients=clients_of(newsletter.clients if newsletter else ()),
            document=document,
            standing=addresses.standing,
            anchors=addresses.anchors,
            line_of=self._workshop.content.line_of,
            items=addresses.items,
            by_id=self._site.catalogue.by_id,
            templates=self._templates,
            default_css=self._default_css,
            config=_config(newsroom, here),
            plan=plan,
            prefix=self._prefix(lang),
            released=plan is None,
        )
        shortened, left_out = self._shortened(newsletter, lang, parts.html)
        return replace(mail, pictures=self._pictures(mail), shortened=shortened, left_out=left_out)

    def _parts(self, raw: bytes) -> Parts:
        """The parts, as far as there are any: what is missing is a finding."""
        try:
            return self._workshop.composer.parts(raw)
        except IssueError:
            return Parts(subject="", text="", html="")

    def _prefix(self, lang: str) -> str:
        """Where the plan has the words of a version."""
        issue = self._issue
        further = isinstance(issue, Plan) and issue.version(lang) is not None
        return f"versions.{lang}." if further else ""

    def _base_url(self, html: str) -> str:
        """The site's address; an old issue may know it by an earlier one, before its own path."""
        path = re.escape(quote(issue_path(self._issue.id)))
        own = re.search(rf'href="(https?://[^"]*?)/{path}', html)
        if own and not isinstance(self._issue, Plan):
            return own[1]
        return self._site.catalogue.newsroom.base_url

    def _pictures(self, mail: Mail) -> Mapping[str, PictureFile]:
        found = {}
        for image in mail.document.images:
            src = image.get("src", "")
            path = mail.within(src)
            file = self._addresses.picture(path) if path is not None else None
            if file is not None:
                found[src] = file
        return found

    def _shortened(self, newsletter: Newsletter | None, lang: str, html: str) -> tuple[str, str]:
        """What the mail tells in fewer words, and what it leaves to the web, to be short enough."""
        issue = self._issue
        if newsletter is None or not isinstance(issue, Plan) or weight(html) < HTML_MOST // 2:
            return "", ""
        # Only a long mail pays for being rendered again.
        from pipeline.render.email import letter_of

        site, workshop = self._site, self._workshop
        letter = workshop.bounded(partial(letter_of, issue, newsletter, site, lang=lang))
        lost = letter.shortened
        counts = {"to one sentence": lost.sentences, "to their titles": lost.titles}
        shorter = (f"{number} items {what}" for what, number in counts.items() if number)
        return ", ".join(shorter), f"{lost.left_out} items left out" if lost.left_out else ""
