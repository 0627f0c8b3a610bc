"""What readers see of a newsroom at work: a feed reader polls, a subscriber comes and goes."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import feedparser
import httpx
import pytest

from tests.mailing_room import write_mailing_room
from tests.newsrooms import enews, environment, item, put, write_newsroom
from tests.running_service import running_service, wait
from tests.smtp_server import smtp_server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.smtp_server import MailServer

OPEN = "\n[subscribing]\nopen = true\n"


class FeedReader:
    """Polls as feed readers do: with what it was told the last time, and by ids."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.etag = ""
        self.seen: list[str] = []
        self.unchanged = 0
        self.fresh: list[str] = []

    def news(self) -> list[str]:
        """All that was new to it since it began, after another look."""
        self.fresh += self.poll()
        return self.fresh

    def poll(self) -> list[str]:
        """The titles that are new to it."""
        known = {"If-None-Match": self.etag} if self.etag else {}
        answer = httpx.get(self.url, headers=known)
        if answer.status_code == 304:
            self.unchanged += 1
            return []
        assert answer.status_code == 200
        self.etag = answer.headers["etag"]
        feed = feedparser.parse(answer.content)
        assert not feed.bozo
        fresh = [entry for entry in reversed(feed.entries) if entry.id not in self.seen]
        self.seen += [entry.id for entry in fresh]
        return [entry.title for entry in fresh]


def test_a_feed_reader_gets_every_new_item_once_and_no_old_one_again(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    with running_service(tmp_path, "--only", "schedule", "--only", "web") as service:
        assert wait(lambda: httpx.get(f"{service.url}/readyz").status_code == 200)
        reader = FeedReader(f"{service.url}/feed.xml")
        first = reader.poll()
        assert len(first) == 4
        assert reader.poll() == []
        assert reader.unchanged == 1
        for number in range(3):
            path = f"items/2018/2018-01-0{number + 1}-new-{number}.md"
            put(tmp_path, path, item(f"New {number}"))
            assert wait(lambda: len(reader.news()) > number)  # noqa: B023
        # An old item that is mended is no news.
        put(tmp_path, "items/2018/2018-01-03-new-2.md", item("New 2", body="Mended."))
        etag = reader.etag
        assert wait(lambda: reader.news() and reader.etag != etag)
        assert reader.fresh == ["New 0", "New 1", "New 2"]
        assert service.end() == 0


class Form(HTMLParser):
    """The fields of the first form of a page that posts, and where it goes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and found.get("method", "").lower() == "post" and not self.action:
            self.action, self._inside = found.get("action", ""), True
        named = self._inside and "name" in found
        if tag in {"input", "button"} and named:
            ticked = found.get("type") not in {"checkbox", "radio"} or "checked" in found
            if ticked:
                self.fields[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def letters(server: MailServer, recipient: str) -> list[str]:
    """The plain texts that somebody got, the header before each."""
    found = []
    for taken in server.messages:
        if taken.recipient == recipient:
            message = message_from_bytes(taken.data, policy=policy.default)
            body = message.get_body(("plain",))
            assert body is not None
            head = "\n".join(f"{name}: {value}" for name, value in message.items())
            found.append(f"{head}\n\n{body.get_content()}")
    return found


def path_in(text: str, segment: str) -> str:
    """The path of a link below a segment."""
    found = re.search(rf"https://news\.example\.org(/{segment}/[\w-]+)", text)
    assert found is not None, text
    return found[1]


def test_from_the_form_to_the_inbox_to_one_click_and_gone(tmp_path: Path) -> None:
    write_mailing_room(tmp_path)
    toml = tmp_path / "content/newsroom.toml"
    toml.write_text(toml.read_text("utf-8").replace("[sending]", f"{OPEN}[sending]"), "utf-8")
    with smtp_server() as server:
        with running_service(tmp_path, ENEWS_SMTP_URL=server.url) as service:
            sign_up(service.url, "ana@example.org")
            assert wait(lambda: letters(server, "ana@example.org"))
            asked = letters(server, "ana@example.org")[0]
            link = service.url + path_in(asked, "c")
            # A scanner that follows every link confirms nothing.
            for _ in range(3):
                page = httpx.get(link)
                assert page.status_code == 200
            assert "pending" in enews(tmp_path, "subscriber", "list").stdout
            done = httpx.post(link, data=Form(page.text).fields)
            assert done.status_code in {200, 303}, done.text
            assert "active" in enews(tmp_path, "subscriber", "list").stdout
            assert service.end() == 0
            words = service.log.read_text("utf-8")
            assert "ana@example.org" not in words
        started = enews(
            tmp_path, "mailing", "start", "letter/2017-01", "--yes",
            env=environment(ENEWS_SMTP_URL=server.url),
        )  # fmt: skip
        assert started.returncode == 0, started.stderr
        letter = letters(server, "ana@example.org")[-1]
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in letter
        with running_service(tmp_path, "--only", "web") as service:
            leave = service.url + path_in(letter, "u")
            assert httpx.get(leave).status_code == 200
            assert "active" in enews(tmp_path, "subscriber", "list").stdout
            # As a mail client does: no cookie, no page before it (RFC 8058).
            body = {"List-Unsubscribe": "One-Click"}
            assert httpx.post(leave, data=body).status_code == 200
            assert "unsubscribed" in enews(tmp_path, "subscriber", "list").stdout
            assert service.end() == 0


def sign_up(url: str, address: str) -> None:
    """As somebody does who reads before they type: the form is not answered too quickly."""
    import time

    page = httpx.get(f"{url}/subscribe")
    assert page.status_code == 200
    form = Form(page.text)
    time.sleep(2.2)  # the form's own time trap
    target = httpx.URL(f"{url}/subscribe").join(form.action)
    answer = httpx.post(target, data={**form.fields, "address": address}, follow_redirects=True)
    assert answer.status_code == 200


def test_what_changed_while_nobody_was_there_is_built_at_the_start(tmp_path: Path) -> None:
    write_newsroom(tmp_path)
    parts = ("--only", "schedule", "--only", "web")
    with running_service(tmp_path, *parts) as service:
        assert wait(lambda: httpx.get(f"{service.url}/readyz").status_code == 200)
        assert service.end() == 0
    put(tmp_path, "items/2018/2018-01-01-new.md", item("New"))
    with running_service(tmp_path, *parts) as service:
        page = f"{service.url}/items/2018/new/"
        assert wait(lambda: httpx.get(page).status_code == 200)
        assert service.end() == 0


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ENEWS_SMTP_URL", "mail.example.org:587", "ENEWS_SMTP_URL"),
        ("ENEWS_BOUNCES_URL", "mail.example.org", "ENEWS_BOUNCES_URL"),
        ("ENEWS_TRUSTED_PROXIES", "everybody", "ENEWS_TRUSTED_PROXIES"),
        ("ENEWS_LISTEN", "nowhere", "ENEWS_LISTEN"),
        ("ENEWS_DKIM_KEYS", "s1:no-such-file.pem", "ENEWS_DKIM_KEYS"),
    ],
)
def test_a_setting_that_cannot_be_right_ends_it_at_once(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    write_newsroom(tmp_path)
    shown = enews(tmp_path, "run", env=environment(**{"ENEWS_NOW": "", name: value}))
    assert shown.returncode == 2
    assert words in shown.stderr
