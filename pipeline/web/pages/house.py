"""What the pages of the front door work with: the door as it is now, the desk, keys and limits."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.app import template_folders
from pipeline.content.media import MediaFolder
from pipeline.content.reader import ContentFolder
from pipeline.core.form_token import form_token, judge
from pipeline.core.rate import Rate, RateLimit, household
from pipeline.core.spoken import spoken
from pipeline.core.theme import Theme
from pipeline.errors import ContentError, EnewsError
from pipeline.postroom import Postroom
from pipeline.render.door import Door, Place
from pipeline.render.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pipeline.core.form_token import Verdict
    from pipeline.core.media import MediaFile
    from pipeline.core.newsroom import Newsroom
    from pipeline.flows.front_desk import FrontDesk
    from pipeline.web.context import Context
    from pipeline.web.pages.asked import Asked

LOOK_SECONDS = 1.0
"""How long files are taken to be as they were."""

FORMS = Rate(most=10, seconds=60)
"""What one client may send of the forms that anybody may fill in: a family's worth at once."""

Marks = tuple[object, ...]


class House:
    """One for the life of the web server; safe in several threads.

    `steady` is a clock in seconds that never steps back.
    """

    def __init__(self, context: Context, *, steady: Callable[[], float]) -> None:
        self._context = context
        self._steady = steady
        self._limit = RateLimit(FORMS)
        self._lock = threading.Lock()
        self._door: Door | None = None
        self._marks: Marks = ()
        self._looked = 0.0

    def door(self) -> Door:
        """The front door as newsroom, themes and templates are now.

        Where one of them is broken it stays what it was; only a first reading raises.
        """
        with self._lock:
            if self._door is not None and self._steady() - self._looked < LOOK_SECONDS:
                return self._door
            try:
                newsroom = self._context.newsroom()
                marks = self._marks_now(newsroom)
                if self._door is None or marks != self._marks:
                    self._door, self._marks = self._opened(newsroom), marks
            except EnewsError:
                if self._door is None:
                    raise
            self._looked = self._steady()
            return self._door

    def desk(self) -> FrontDesk:
        """What the flows work with."""
        context = self._context
        newsroom = self.door().newsroom
        return Postroom(context.app).front_desk(context.store, newsroom, context.keys)

    def place(self, asked: Asked, own: str = "") -> Place:
        """Where the page stands that answers; `own` is the language of who has the link, or ""."""
        lang = spoken(asked.lang or own, asked.accepts, self.door().languages)
        return Place(root=asked.root, lang=lang)

    def token(self, form: str, at: datetime) -> str:
        """What a form carries that is given out now."""
        return form_token(self._context.keys[0], form, at)

    def judge(self, form: str, token: str, at: datetime) -> Verdict:
        """What the token says that a form came back with."""
        return judge(self._context.keys, form, token, at)

    def wait(self, asked: Asked) -> float:
        """0 where this client may send one more form, else the seconds until it may."""
        with self._lock:
            return self._limit.wait(household(asked.client), self._steady())

    def wake(self) -> None:
        """There may be a notice to carry."""
        self._context.wake()

    def now(self) -> datetime:
        """The time, aware."""
        return self._context.now()

    def _opened(self, newsroom: Newsroom) -> Door:
        folders = self._context.app.settings.folders
        compiled = folders.state / "cache/pages"
        with suppress(OSError):  # it costs a tenth of a second at each start, and nothing else
            compiled.mkdir(parents=True, exist_ok=True)
        templates = Templates(
            template_folders(folders.templates), bytecode=compiled if compiled.is_dir() else None
        )
        return Door(templates, newsroom, themes=self._themes(), media=self._media(newsroom))

    def _themes(self) -> dict[str, Theme]:
        """Those that can be read: 'enews check' names the others."""
        root = self._context.app.settings.folders.content
        found = {}
        for path in sorted((root / "themes").glob("*.md")):
            with suppress(ContentError):
                theme = ContentFolder(root).theme(f"themes/{path.name}").record
                if isinstance(theme, Theme):
                    found[theme.key] = theme
        return found

    def _media(self, newsroom: Newsroom) -> dict[str, MediaFile]:
        """The logo's file."""
        if newsroom.logo is None:
            return {}
        with suppress(ContentError):
            src = newsroom.logo.src
            return {src: MediaFolder(self._context.app.settings.folders.content).describe(src)}
        return {}

    def _marks_now(self, newsroom: Newsroom) -> Marks:
        """Stands for all that pages are made of: equal while nothing changed."""
        folders = self._context.app.settings.folders
        above = [*template_folders(folders.templates), folders.content / "themes"]
        marks: list[object] = [newsroom]
        for folder in above:
            for path in sorted(folder.rglob("*")):
                with suppress(OSError):
                    stat = path.stat()
                    marks.append((str(path), stat.st_mtime_ns, stat.st_size))
        return tuple(marks)
