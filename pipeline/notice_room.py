"""The composition root of notices: who writes them, in whose words, by which keys."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.app import template_folders
from pipeline.content.reader import ContentFolder
from pipeline.core.notice import NoticeKind
from pipeline.errors import EnewsError
from pipeline.flows.notices import Carrying
from pipeline.mail.dkim_keys import read_keys
from pipeline.mail.notice import NoticeWriter
from pipeline.mail.secret import secret_keys
from pipeline.render.notice import NoticePrinter, NoticeSubject
from pipeline.render.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipeline.app import App
    from pipeline.core.bounce import Bounce
    from pipeline.core.newsroom import Newsroom
    from pipeline.flows.front_desk import FrontDesk
    from pipeline.flows.notices import Prepared
    from pipeline.ports.sending import Letter


def notice_round(
    app: App,
    desk: Callable[[Newsroom, Sequence[bytes]], FrontDesk],
    bounced: Callable[[Bounce], None],
    stopping: Callable[[], bool],
) -> Carrying:
    """A round of notices, with newsroom, templates and keys as they are now. Raises ConfigError."""
    settings = app.settings
    folders = settings.folders
    content = ContentFolder(folders.content)
    newsroom = content.newsroom()
    keys = secret_keys(settings.secret_key, folders.state / "secret")
    signers = read_keys(settings.dkim_keys, folders.root) if settings.dkim_keys else ()
    printer = NoticePrinter(Templates(template_folders(folders.templates)), newsroom)
    writer = NoticeWriter(newsroom, keys, signers)

    def write(ready: Prepared) -> Letter:
        notice = ready.notice
        if notice.kind is NoticeKind.OPERATORS:
            return writer.letter(notice, printer.operators(notice.text), 0)
        subject = NoticeSubject(
            kind=notice.kind,
            lang=ready.lang,
            newsletters=ready.newsletters,
            topics=tuple(_titles(content, ready.topics)),
            days=ready.days,
        )
        return writer.letter(notice, printer.mail(subject).to(ready.url), ready.subscriber)

    return Carrying(
        desk=desk(newsroom, keys), write=write, now=app.now, bounced=bounced, stopping=stopping
    )


def _titles(content: ContentFolder, keys: Sequence[str]) -> Iterator[str]:
    """The titles of themes; what is none, or cannot be read, is left out."""
    for key in keys:
        with suppress(EnewsError):
            yield content.theme(f"themes/{key}.md").record.title
