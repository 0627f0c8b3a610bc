"""Notices from a form to a file in the outbox, in a newsroom on the disk."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

import html5lib
import pytest

from pipeline.app import default_templates
from pipeline.core.notice import Notice, NoticeKind, NoticeState
from pipeline.core.subscription import Wishes
from pipeline.flows import preferences
from pipeline.flows.sign_up import Standing, confirm, sign_up
from pipeline.mail.secret import secret_keys
from pipeline.postroom import Postroom
from pipeline.render.notice import LINK, NoticePrinter, NoticeSubject
from pipeline.render.templates import Templates
from pipeline.render.wrapping import cells
from tests.front_desks import ADA, ROOM
from tests.newsrooms import app_in, put, write_newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.content.reader import ContentFolder
    from pipeline.flows.front_desk import FrontDesk
    from pipeline.store.opening import Store

KINDS = [kind for kind in NoticeKind if kind is not NoticeKind.OPERATORS]


class Room:
    """A newsroom with an open store."""

    def __init__(self, root: Path, store: Store) -> None:
        self.app = app_in(root)
        self.root = root
        self.store = store
        self.post = Postroom(self.app)
        self.now = self.app.now()

    @property
    def desk(self) -> FrontDesk:
        from pipeline.content.reader import ContentFolder

        content: ContentFolder = ContentFolder(self.root / "content")
        keys = secret_keys("", self.root / ".pipeline/secret")
        return self.post.front_desk(self.store, content.newsroom(), keys)

    def mails(self) -> list[EmailMessage]:
        paths = sorted((self.root / ".pipeline/outbox/notices").rglob("*.eml"))
        found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    def operators(self, text: str) -> None:
        notice = Notice(
            kind=NoticeKind.OPERATORS,
            address="ops@example.org",
            text=text,
            created=self.now,
            due=self.now,
        )
        assert self.store.notices.add(notice, since=self.now, most=9)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    write_newsroom(tmp_path)
    with app_in(tmp_path).store(print) as store:
        yield Room(tmp_path, store)


def _ask(room: Room) -> None:
    wishes = Wishes(
        newsletters=frozenset({"letter"}),
        topics=frozenset({"care", "cheap-pills.example"}),
        name="Buy at http://evil.example",
    )
    sign_up(room.desk, ADA, wishes, text="Yes", origin="", now=room.now)


def test_a_sign_up_reaches_the_outbox_and_its_link_confirms(room: Room) -> None:
    _ask(room)
    assert room.post.send_notices(room.store) == 1
    assert room.post.send_notices(room.store) == 0
    (mail,) = room.mails()
    assert mail["To"] == ADA
    assert mail["From"] == "Desk <desk@news.example.org>"
    assert mail["Subject"] == "Please confirm: The letter"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    (link,) = [line for line in text.splitlines() if "/c/" in line]
    assert f'href="{link}"' in html
    assert link.startswith("https://news.example.org/c/")
    for part in (text, html):
        assert "The letter" in part
        assert "1200 Genève" in part
        assert "Care" in part
        assert "pills" not in part
        assert "evil" not in part
        assert "subscriber.invalid" not in part
    found = confirm(room.desk, link.rpartition("/")[2], text="", origin="", now=room.now)
    assert found.standing is Standing.DONE


def test_erasing_clears_the_outbox(room: Room) -> None:
    _ask(room)
    room.post.send_notices(room.store)
    text = room.mails()[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    token = text.partition("/c/")[2].split()[0]
    page = confirm(room.desk, token, text="", origin="", now=room.now).preferences
    assert preferences.download(room.desk, page, room.now) is not None
    assert preferences.erase(room.desk, page, room.now)
    assert room.mails() == []
    assert list(room.store.subscribers.each()) == []


def test_operators_read_plain_text(room: Room) -> None:
    room.operators("1 failed\r\n\nBuild: <b> & \x00 =?utf-8?q?x?=\n")
    room.operators("=?utf-8?q?x?=: failed")
    assert room.post.send_notices(room.store) == 2
    first, second = room.mails()
    assert (first["To"], first["Subject"]) == ("ops@example.org", "1 failed")
    assert first.get_content().startswith("1 failed\r\n\r\nBuild: <b> &  =?utf-8?q?x?=\r\n")
    assert second["Subject"] == "= ?utf-8?q?x?=: failed"


def test_a_broken_template_is_told_and_the_notice_waits(room: Room) -> None:
    put(room.root, "../templates/email/notice.txt", "{{ notice.nonsense }}")
    _ask(room)
    heard: list[str] = []
    assert room.post.send_notices(room.store, trouble=heard.append) == 0
    assert "email/notice.txt" in heard[0]
    assert room.store.notices.counts() == {NoticeState.WAITING: 1}


def test_a_broken_newsroom_is_told_and_the_notice_waits(room: Room) -> None:
    _ask(room)
    put(room.root, "newsroom.toml", "[newsroom]\n")
    heard: list[str] = []
    assert room.post.send_notices(room.store, trouble=heard.append) == 0
    assert "newsroom.toml" in heard[0]
    assert room.store.notices.counts() == {NoticeState.WAITING: 1}


def test_a_server_that_is_away_is_told_and_the_notice_waits(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    blocked = tmp_path / ".pipeline/outbox"
    with app_in(tmp_path).store(print) as store:
        room = Room(tmp_path, store)
        _ask(room)
        blocked.write_text("no folder")
        heard: list[str] = []
        assert room.post.send_notices(store, trouble=heard.append) == 0
        assert len(heard) == 1
        assert store.notices.counts() == {NoticeState.WAITING: 1}


@pytest.fixture(scope="module")
def printer() -> NoticePrinter:
    return NoticePrinter(Templates([default_templates()]), replace(ROOM, title="Small <room> & co"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_every_kind_is_a_whole_mail(printer: NoticePrinter, kind: NoticeKind, lang: str) -> None:
    days = 7 if kind in (NoticeKind.CONFIRM, NoticeKind.ADDRESS) else 0
    subject = NoticeSubject(kind=kind, lang=lang, newsletters=("yearly",), days=days)
    mail = printer.mail(subject)
    html5lib.HTMLParser(strict=True).parse(mail.html)
    pressed = 0 if kind is NoticeKind.MOVED else 1
    assert mail.html.count(f'href="{LINK}"') == pressed
    assert mail.text.count(LINK) == pressed
    assert "Small &lt;room&gt; &amp; co" in mail.html
    assert "Small <room> & co" in mail.text
    assert f'lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}"' in mail.html
    assert mail.sender == "The year <yearly@news.example.org>"
    assert "<!--" not in mail.html.replace("<!--[if mso]", "").replace("<![endif]-->", "")
    assert "{" not in mail.text
    assert "src=" not in mail.html
    assert all(cells(line) <= 72 or "://" in line for line in mail.text.splitlines())
    assert printer.mail(subject) is mail


@pytest.mark.parametrize(
    ("lang", "begins", "days"),
    [("fr", "Presque fini", "1 jour."), ("es", "Ya casi está", "1 día.")],
)
def test_it_is_in_the_readers_language(
    printer: NoticePrinter, lang: str, begins: str, days: str
) -> None:
    mail = printer.mail(NoticeSubject(kind=NoticeKind.CONFIRM, lang=lang, days=1))
    assert mail.text.startswith(begins)
    assert days in mail.text
