"""The pages of the front door, filled: the archive's frame around them, in the reader's language.

What the frame says (masthead, footer) stays in the newsroom's language, as the archive has it, and
is marked as such; the words around forms and buttons are the reader's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from pipeline.core.catalogue import compile_catalogue
from pipeline.core.issue import issues_path
from pipeline.core.versions import newsletter_in
from pipeline.render.dates import direction, language_name
from pipeline.render.frame import WORDS, Frame, Head
from pipeline.render.overviews import themes_by_title
from pipeline.render.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.core.media import MediaFile
    from pipeline.core.newsroom import Newsletter, Newsroom
    from pipeline.core.theme import Theme
    from pipeline.render.templates import Templates
    from pipeline.render.words import Words

CATALOGUES = "site/words/"
"""The folder of the languages that pages can speak."""
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""The frame of a page shows no item, so that none is asked whether its time has come."""


class Choice(NamedTuple):
    """Something to choose in a form: its `value`, what it is called, and whether it is chosen.

    `attributes` is markup, ` lang="…" dir="…"` where the label is not in the page's language.
    """

    value: str
    label: str
    chosen: bool
    attributes: Markup = Markup("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page stands: `root` leads to the site's root, `lang` is the page's language."""

    root: str
    lang: str


class Door:
    """The front door of a newsroom as it is now: its templates, words, themes and languages."""

    def __init__(
        self,
        templates: Templates,
        newsroom: Newsroom,
        *,
        themes: Mapping[str, Theme],
        media: Mapping[str, MediaFile],
    ) -> None:
        self.newsroom = newsroom
        self._templates = templates
        catalogue = compile_catalogue(
            replace(newsroom, series={}), (), themes=themes, media=media, now=_NO_TIME
        )
        self._frame = Frame(
            Site(
                catalogue=catalogue,
                templates=templates,
                body_of=lambda item: item.id,
                intros={},
                issues=(),
                environment="",
            )
        )
        self.themes = themes_by_title(themes)
        named = (name.removeprefix(CATALOGUES) for name in templates.assets(CATALOGUES))
        known = (name.removesuffix(".po") for name in named if name.endswith(".po"))
        self.languages = tuple(dict.fromkeys((newsroom.language, *known)))

    def words(self, lang: str) -> Words:
        """The templates' own words in a language. Raises RenderError."""
        return self._templates.words(WORDS, lang)

    def consent(self, lang: str) -> str:
        """What one agrees to by signing up, in the words that are shown. Raises RenderError."""
        newsroom, words = self.newsroom, self.words(lang)
        if newsroom.subscribing.consent:
            return newsroom.subscribing.consent
        if self.has_choice or not newsroom.newsletters:
            return str(words.consent(newsroom=newsroom.title))
        title = self.title(newsroom.newsletters[0], lang)
        return str(words.consent_one(newsroom=newsroom.title, title=title))

    @property
    def has_choice(self) -> bool:
        """True where there is more than one newsletter to choose, or topics."""
        own = self.newsroom.newsletters
        return len(own) > 1 or bool(self.themes and any(each.topics for each in own))

    def title(self, newsletter: Newsletter, lang: str) -> str:
        """What a newsletter is called in a language."""
        return newsletter_in(newsletter, lang).title

    def titled(self, newsletter: Newsletter, lang: str) -> Markup:
        """The same as markup, set apart from the words around it."""
        own = self._own(newsletter, lang)
        return Markup("<bdi{}>{}</bdi>").format(own, self.title(newsletter, lang))

    def newsletters(self, chosen: frozenset[str], lang: str) -> list[Choice]:
        """Every newsletter, to be chosen."""
        return [
            Choice(x.key, self.title(x, lang), x.key in chosen, self._own(x, lang))
            for x in self.newsroom.newsletters
        ]

    def topics(self, chosen: frozenset[str], lang: str) -> list[Choice]:
        """Every theme, by title; none where no newsletter goes by them."""
        if not any(newsletter.topics for newsletter in self.newsroom.newsletters):
            return []
        own = self.attributes(self.newsroom.language, lang)
        return [Choice(x.key, x.title, x.key in chosen, own) for x in self.themes]

    def topical(self, lang: str) -> Markup:
        """The titles of the newsletters that go by topics, as markup."""
        titles = [self.titled(x, lang) for x in self.newsroom.newsletters if x.topics]
        return Markup(" · ").join(titles)

    def tongues(self, chosen: str, lang: str) -> list[Choice]:
        """The languages that newsletters come in, if there are several."""
        tags = self.tags
        if len(tags) < 2:
            return []
        return [Choice(x, language_name(x), x == chosen, self.attributes(x, lang)) for x in tags]

    @property
    def tags(self) -> tuple[str, ...]:
        """The languages that newsletters come in, the newsroom's first."""
        every = (lang for x in self.newsroom.newsletters for lang in x.languages)
        return tuple(dict.fromkeys((self.newsroom.language, *every)))

    def day(self, at: datetime, lang: str) -> str:
        """A date as the newsroom writes it, in a language; `at` is in the newsroom's zone."""
        return self._frame.day(at.date(), lang)

    def issues(self, newsletter: Newsletter) -> str:
        """The path of a newsletter's issues, below the root."""
        return issues_path(newsletter.key)

    def attributes(self, own: str, lang: str) -> Markup:
        """` lang="…" dir="…"` for a text in the language `own` on a page in another, else ""."""
        if own == lang:
            return Markup("")
        return Markup(' lang="{}" dir="{}"').format(own, direction(own))

    def page(self, template: str, place: Place, title: str, /, **values: object) -> bytes:
        """The bytes of a page, from `door/<template>`. Raises RenderError."""
        newsroom, lang = self.newsroom, place.lang
        words = self.words(lang)
        head = Head(title=title, description=newsroom.description or newsroom.title)
        parts = self._frame.parts(template, place.root, head)
        said = Markup("")
        if lang != newsroom.language:
            said = Markup(' lang="{}"').format(newsroom.language)
        html = self._templates.html(
            f"door/{template}",
            newsroom=replace(newsroom, language=lang),
            direction=direction(lang),
            words=words,
            root=place.root,
            head=head,
            title=title,
            links=parts["links"],
            # Laid out as the page is; only what it says is in another language.
            masthead=Markup("<div{}>{}</div>").format(said, parts["masthead"]),
            footer=Markup("<div{}>{}</div>").format(
                self.attributes(newsroom.language, lang), parts["footer"]
            ),
            **values,
        )
        return html.encode()

    def _own(self, newsletter: Newsletter, lang: str) -> Markup:
        """The attributes of a newsletter's title on a page in a language."""
        called = newsletter.version(lang)
        main = newsletter.languages[0] if newsletter.languages else self.newsroom.language
        return self.attributes(lang if called and called.title else main, lang)
