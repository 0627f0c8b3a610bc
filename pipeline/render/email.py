"""An issue as a mail: HTML with its styles in its elements, and plain text from the Markdown.

::

    plan ─▶ view ─▶ email/issue.html ─▶ styles into elements ─▶ short enough? ─▶ HTML
                └─▶ email/issue.txt ─▶ text            └─ no: a shorter view, again

Styles are put in once an issue, never once a reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from pipeline.core.budget import HTML_MOST, weight
from pipeline.core.issue import sent_at
from pipeline.core.message import Message
from pipeline.core.versions import languages, newsletter_in, plan_in
from pipeline.errors import RenderError
from pipeline.render.email_text import text_of
from pipeline.render.inlining import compact, inlined, lint, lint_elements
from pipeline.render.issue_view import issue_view
from pipeline.render.mail_look import look_of, plain_css
from pipeline.render.shortening import shortened

if TYPE_CHECKING:
    from pipeline.core.newsroom import Newsletter
    from pipeline.core.plan import Plan
    from pipeline.render.issue_view import IssueView
    from pipeline.render.mail_look import Look
    from pipeline.render.shortening import Shortened
    from pipeline.render.site import Site
    from pipeline.render.templates import Templates

PAGE = "email/issue.html"
STYLE = "email/style.css"
HEAD_STYLES = {"head_css": "email/head.css", "clients_css": "email/clients.css"}
"""The style sheets that stay in the head, by the names under which templates know them."""

LAYOUTS = "email/layouts/"

MARGIN = 2048
"""Bytes below what Gmail shows that a mail is shortened to: for what a provider may add."""

_TOKEN = re.compile(r'\s+(href="https://subscriber\.invalid/)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail, and what it leaves to the web (false: nothing), for the gate."""

    message: Message
    shortened: Shortened


def mail_of(plan: Plan, newsletter: Newsletter, site: Site, *, lang: str = "") -> Message:
    """The plan as the mail that would go out now in a language ("": the main one).

    Raises RenderError.
    """
    return letter_of(plan, newsletter, site, lang=lang).message


def letter_of(plan: Plan, newsletter: Newsletter, site: Site, *, lang: str = "") -> Letter:
    """The same with what was left out of it. Raises RenderError."""
    newsroom = site.catalogue.newsroom
    lang = lang or languages(newsletter, newsroom)[0]
    view = issue_view(plan, newsletter, site, lang)
    printer = _Printer(site.templates, look_of(site.templates, newsroom.accent))
    short, lost = shortened(view, printer.fits)
    here = newsletter_in(newsletter, lang)
    message = Message(
        sender=here.sender,
        reply_to=here.reply_to,
        subject=view.subject,
        date=sent_at(newsletter, newsroom, plan.date),
        list_id=f"{newsletter.key}.{newsroom.authority.partition(',')[0].rpartition('@')[2]}",
        list_title=here.title,
        lang=lang,
        text=text_of(view, plan_in(plan, lang), site),
        html=printer.html(short),
    )
    return Letter(message=message, shortened=lost)


class _Printer:
    """Makes HTML of views, each once."""

    def __init__(self, templates: Templates, look: Look) -> None:
        self._templates = templates
        self._look = look
        self._pages: dict[IssueView, str] = {}
        self._made: dict[IssueView, str] = {}
        self._css = look.resolved(STYLE, plain_css(templates, STYLE))
        self._heads = {
            variable: _in_head(look.resolved(name, plain_css(templates, name)))
            for variable, name in HEAD_STYLES.items()
        }
        lint(STYLE, self._css)

    def fits(self, view: IssueView) -> bool:
        """True where Gmail would show all of it.

        Styles make it longer, so what is too long without them is not asked for with them.
        """
        most = HTML_MOST - MARGIN
        return weight(self._page(view)) <= most and weight(self.html(view)) <= most

    def html(self, view: IssueView) -> str:
        """The view as HTML. Raises RenderError."""
        if view not in self._made:
            html = inlined(self._page(view), self._css)
            # Each token on a line of its own, so that no encoding of the mail cuts it in two.
            self._made[view] = _TOKEN.sub(r"\n\1", html)
        return self._made[view]

    def _page(self, view: IssueView) -> str:
        """The same before its styles are in its elements."""
        if view not in self._pages:
            self._pages[view] = self._filled(view)
        return self._pages[view]

    def _filled(self, view: IssueView) -> str:
        self._check_layouts(view)
        page = self._templates.html(PAGE, issue=view, look=self._look, **self._heads)
        page = compact(page)
        lint_elements(PAGE, page)
        return page

    def _check_layouts(self, view: IssueView) -> None:
        for group in view.sections:
            name = f"{LAYOUTS}{group.layout}.html"
            known = self._templates.assets(LAYOUTS)
            if name not in known:
                names = ", ".join(self._templates.names(LAYOUTS))
                said = f"the section {group.title!r} asks for this layout; there are {names}"
                raise RenderError(name, 0, said)


def _in_head(css: str) -> Markup:
    """A style sheet of ours without blank lines and indents."""
    lines = filter(None, map(str.strip, css.split("\n")))
    return Markup("\n".join(lines))  # noqa: S704  # `plain_css` refuses what would end it
