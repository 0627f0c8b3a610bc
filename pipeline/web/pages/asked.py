"""What a page is asked, and what it answers: a request and a response without a framework."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.web.pages.form import Form

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipeline.web.pages.form import Unread

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`token` is that of the path, "" for none; `root` leads from the page to the site's root.

    `lang` is the `?lang=` of the address, `accepts` the `Accept-Language`; `unread` says why the
    body is no form, where it is none; `client` is the address of whoever asks, for limits only;
    `now` is when, aware.
    """

    token: str = ""
    root: str = ""
    lang: str = ""
    accepts: str = ""
    form: Form = field(default_factory=Form)
    unread: Unread | None = None
    client: str = ""
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, a body and its type, and headers beyond those of every page."""

    body: bytes
    status: int = 200
    type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
