"""`/subscribe` and `/preferences`: the same answer for everybody, and no program gets through."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from pipeline.core.form_token import form_token
from pipeline.core.notice import NoticeKind
from pipeline.core.subscriber import ConsentAction, SubscriberState
from pipeline.errors import RenderError
from pipeline.web.door import Door
from pipeline.web.pages import routes
from pipeline.web.pages.form import read_form
from tests.front_door import (
    KEYS,
    NEWSROOM,
    ONE_NEWSLETTER,
    Visitor,
    field_of,
    heading,
    text,
    tree,
    write_room,
)
from tests.newsrooms import put

if TYPE_CHECKING:
    from pathlib import Path

    from httpx import Response

    from pipeline.web.pages.form import Form, Unread

INBOX = "Now look into your inbox"
AGAIN = "One more look, please"
BOTH = ["letter", "yearbook"]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_room(tmp_path_factory.mktemp("door"))


@pytest.fixture
def door(room: Path) -> Visitor:
    return Visitor(room)


def subscribe(door: Visitor, address: str = "ada@example.org", **fields: str) -> Response:
    return door.filled("/subscribe", address=address, newsletter=BOTH, **fields)


def test_a_person_signs_up_and_is_asked_by_mail(door: Visitor) -> None:
    found = door.filled(
        "/subscribe", address=" Ada@Example.org ", newsletter=BOTH, topic="care", language="fr"
    )
    assert found.status_code == 200
    assert heading(found) == INBOX
    assert "Ada@Example.org" in text(found)
    one = door.find("Ada@example.org")
    assert one is not None
    assert one.state is SubscriberState.PENDING
    assert one.asked == {*BOTH}
    assert one.topics == {"care"}
    assert one.language == "fr"
    (line,) = door.store.subscribers.consents(one.id)
    assert line.action is ConsentAction.ASKED
    assert line.text.startswith("By subscribing you agree that Small room sends")
    assert line.origin == ""
    (notice,) = door.notices()
    assert notice.kind is NoticeKind.CONFIRM
    assert door.woken == 1


def test_the_words_of_consent_are_kept_as_they_were_shown(tmp_path: Path) -> None:
    own = 'open = true\nconsent = "Yes, I <really> want this."'
    door = Visitor(write_room(tmp_path, ONE_NEWSLETTER.replace("open = true", own)))
    page = door.get("/subscribe?lang=ar")
    consent = tree(page).xpath("//p[@class='door-consent']")[0]
    assert consent.text == "Yes, I <really> want this."
    assert (consent.get("lang"), consent.get("dir")) == ("en", "ltr")
    door.filled("/subscribe?lang=ar", address="ada@example.org")
    one = door.find("ada@example.org")
    assert one is not None
    assert door.store.subscribers.consents(one.id)[0].text == "Yes, I <really> want this."


def test_the_answer_never_tells_who_is_known(door: Visitor) -> None:
    pages = ("/subscribe", "/preferences")
    fields: dict[str, str | list[str]] = {"address": "ada@example.org", "newsletter": BOTH}
    strangers = [door.filled(page, **fields) for page in pages]
    known = Visitor(door.root)
    known.reader(newsletters=frozenset(BOTH))
    found = [known.filled(page, **fields) for page in pages]
    assert [x.status_code for x in found] == [x.status_code for x in strangers] == [200, 200]
    assert [x.content for x in found] == [x.content for x in strangers]
    assert [dict(x.headers) for x in found] == [dict(x.headers) for x in strangers]
    assert (door.woken, known.woken) == (2, 2)


def test_the_link_is_asked_for_by_address(door: Visitor) -> None:
    door.reader()
    found = door.filled("/preferences", address="ada@example.org")
    assert heading(found) == INBOX
    (notice,) = door.notices()
    assert notice.kind is NoticeKind.PREFERENCES


@pytest.mark.parametrize("page", ["/subscribe", "/preferences"])
@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "That was quick."), (25 * 3600, "This page was open for a long time.")],
)
def test_too_quick_and_too_late_give_the_form_back(
    door: Visitor, page: str, seconds: float, said: str
) -> None:
    token = field_of(door.get(page), "form")
    door.now += timedelta(seconds=seconds)
    fields = {"address": "ada@example.org", "newsletter": "letter", "topic": "youth"}
    found = door.post(page, form=token, **fields)
    assert found.status_code == 200
    assert said in text(found)
    assert tree(found).xpath("//input[@name='address']/@value") == ["ada@example.org"]
    assert not door.notices()
    door.now += timedelta(seconds=20)
    again = door.post(page, form=field_of(found, "form"), **fields)
    assert heading(again) == INBOX
    assert len(door.notices()) == 1


def test_what_was_ticked_is_kept(door: Visitor) -> None:
    found = door.filled(
        "/subscribe", address="no", newsletter="letter", topic="youth", language="ar"
    )
    form = tree(found)
    assert form.xpath("//input[@checked]/@value") == ["letter", "youth"]
    assert form.xpath("//option[@selected]/@value") == ["ar"]


@pytest.mark.parametrize(
    "token", ["", "x", form_token(b"another's key", "subscribe", Visitor.now),
              form_token(KEYS[0], "preferences", Visitor.now)],
)  # fmt: skip
def test_a_form_that_is_not_ours_does_nothing(door: Visitor, token: str) -> None:
    door.now += timedelta(minutes=1)
    found = door.post("/subscribe", form=token, address="ada@example.org", newsletter=BOTH)
    assert AGAIN in text(found)
    assert door.find("ada@example.org") is None


@pytest.mark.parametrize("page", ["/subscribe", "/preferences"])
def test_who_fills_in_the_hidden_field_is_answered_and_nothing_else(
    door: Visitor, page: str
) -> None:
    fields = {"address": "ada@example.org", "newsletter": "letter"}
    door.reader()
    person = door.filled(page, **fields)
    door.notices()
    before = door.state()
    program = door.filled(page, more="https://spam.example", **fields)
    assert program.content == person.content
    assert door.state() == before
    assert not door.notices()


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@", "@example.org", "a@b@example.org", "ada@example.org\r\nBcc: x@example.org",
     "ada@example.org,bob@example.org", "a" * 60_000, "ada\x00@example.org", "\ufffd@example.org",
     "<script>alert(1)</script>", '"><img src=x onerror=x>@example.org', "{{ 7 * 7 }}"],
)  # fmt: skip
@pytest.mark.parametrize("page", ["/subscribe", "/preferences"])
def test_what_is_no_address_comes_back_beside_its_problem(
    door: Visitor, page: str, address: str
) -> None:
    found = door.filled(page, address=address, newsletter="letter")
    assert found.status_code == 422
    (field,) = tree(found).xpath("//input[@name='address']")
    assert field.get("aria-invalid") == "true"
    (problem,) = tree(found).xpath(f"//*[@id='{field.get('aria-describedby')}']")
    assert problem.text == "Write one address such as name@example.org."
    kept = " ".join("".join(c for c in address if c.isprintable() or c.isspace()).split())
    assert field.get("value") == kept[:500]
    assert not tree(found).xpath("//script | //img[@onerror]")
    assert "49" not in field.get("value")
    assert not door.notices()


def test_at_least_one_newsletter_is_chosen_where_there_are_several(door: Visitor) -> None:
    found = door.filled("/subscribe", address="ada@example.org", newsletter="nosuch")
    assert found.status_code == 422
    (group,) = tree(found).xpath("//fieldset[@id='newsletter']")
    assert "Tick at least one." in text(found)
    assert group.get("aria-describedby") == "newsletter-problem"


def test_one_newsletter_is_not_asked_for(tmp_path: Path) -> None:
    door = Visitor(write_room(tmp_path, ONE_NEWSLETTER.replace("topics = true", "")))
    page = tree(door.get("/subscribe"))
    names = page.xpath("//form[@class='door-form']//*[self::input or self::select]/@name")
    assert names == ["address", "language", "form", "lang", "more"]
    door.filled("/subscribe", address="ada@example.org")
    one = door.find("ada@example.org")
    assert one is not None
    assert one.asked == {"letter"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"a=1&" * 200, "application/x-www-form-urlencoded", 413),
        (b'{"address": "ada@example.org"}', "application/json", 415),
        (b"address=ada@example.org", "text/plain", 415),
    ],
)
@pytest.mark.parametrize("page", ["/subscribe", "/preferences"])
def test_what_is_no_form_is_refused_kindly(
    door: Visitor, page: str, body: bytes, kind: str, status: int
) -> None:
    found = door.ask("POST", page, {"content-type": kind}, body)
    assert found.status_code == status
    assert "What arrived here is not what this form sends." in text(found)
    assert not door.notices()


def test_a_form_is_read_where_nobody_waits_for_it(
    door: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def apart(body: bytes, kind: str) -> Form | Unread:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        read.append(body)
        return read_form(body, kind)

    monkeypatch.setattr(routes, "read_form", apart)
    assert door.post("/subscribe", address="ada").status_code == 422
    assert read == [b"address=ada"]


def test_a_client_that_asks_too_often_is_told_when_to_come_back(door: Visitor) -> None:
    statuses = [subscribe(door, f"ada{n}@example.org").status_code for n in range(11)]
    assert statuses == [200] * 10 + [429]
    found = door.filled("/preferences", address="ada@example.org")
    assert found.status_code == 429
    assert 1 <= int(found.headers["retry-after"]) <= 60
    assert "1 minute" in text(found)
    assert door.find("ada10@example.org") is None
    assert door.get("/subscribe").status_code == 200
    assert door.ask("POST", "/preferences", {}, client="192.0.2.2").status_code == 422


def test_where_nobody_can_sign_up_the_page_says_so(tmp_path: Path) -> None:
    door = Visitor(write_room(tmp_path, ONE_NEWSLETTER.replace("open = true", "")))
    for found in (door.get("/subscribe"), door.post("/subscribe", address="ada@example.org")):
        assert found.status_code == 404
        assert heading(found) == "Sign-up is closed"
    assert door.get("/preferences").status_code == 200
    assert door.find("ada@example.org") is None


@pytest.mark.parametrize(
    ("path", "accepts", "lang", "direction"),
    [
        ("/subscribe", "", "en", "ltr"),
        ("/subscribe", "ar-EG, en;q=0.5", "ar", "rtl"),
        ("/subscribe?lang=fr", "ar", "fr", "ltr"),
        ("/preferences?lang=xx", "es", "es", "ltr"),
    ],
)
def test_a_page_speaks_the_readers_language(
    door: Visitor, path: str, accepts: str, lang: str, direction: str
) -> None:
    root = tree(door.get(path, **{"accept-language": accepts}))
    assert (root.get("lang"), root.get("dir")) == (lang, direction)
    own = root.xpath("//header[@class='masthead']/..")[0].get("lang")
    assert own == (None if lang == "en" else "en")


def test_a_form_stays_in_its_language(door: Visitor) -> None:
    found = door.filled("/subscribe", address="no", lang="fr")
    assert tree(found).get("lang") == "fr"
    done = door.filled("/subscribe", address="ada@example.org", newsletter="letter", lang="fr")
    assert heading(done) == "Regardez maintenant votre boîte de réception"
    one = door.find("ada@example.org")
    assert one is not None
    assert one.language == "fr"


def test_a_page_asks_nobody_to_keep_it_or_to_find_it(door: Visitor) -> None:
    page = door.get("/subscribe")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in page.headers
    assert tree(page).xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert not tree(page).xpath("//script | //@style | //*[starts-with(@src, 'http')]")


def test_a_theme_that_is_new_is_there_at_once(tmp_path: Path) -> None:
    seconds = [0.0]
    door = Visitor(write_room(tmp_path), steady=lambda: seconds[0])
    assert "Women" not in text(door.get("/subscribe"))
    put(tmp_path, "themes/women.md", "---\ntitle: Women\nsummary: ''\n---\nOn them.\n")
    put(tmp_path, "themes/broken.md", "---\nnosuch: 1\n---\n")
    seconds[0] += 2
    assert "Women" in text(door.get("/subscribe"))
    put(tmp_path, "newsroom.toml", "[newsroom]\n")
    seconds[0] += 2
    assert "Women" in text(door.get("/subscribe"))


def test_below_a_path_the_pages_know_where_they_are(tmp_path: Path) -> None:
    base = "https://news.example.org/coop"
    door = Visitor(write_room(tmp_path, NEWSROOM.replace("https://news.example.org", base)))
    door.application = Door(door.application, folder=tmp_path, base_url=base)
    found = door.filled("/coop/subscribe", address="ada@example.org", newsletter="letter")
    assert heading(found) == INBOX
    for path in ("/coop/subscribe", f"/coop{door.confirming('ada@example.org')}"):
        page = tree(door.get(path))
        (action,) = page.xpath("//main//form/@action")
        assert urljoin(path, action) == path
        assert urljoin(path, page.xpath("//p[@class='brand']/a/@href")[0]) == "/coop/"
    assert door.get("/subscribe").status_code == 404


def test_a_template_of_ones_own_that_fails_is_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = write_room(tmp_path)
    own = root / "templates/door/ask.html"
    own.parent.mkdir(parents=True)
    own.write_text("<p>Mine\n{{ nosuch }}", "utf-8")
    door = Visitor(root)
    with pytest.raises(RenderError):
        door.get("/preferences")
    assert caplog.messages == ["templates/door/ask.html:2: this template failed"]
    assert door.get("/subscribe").status_code == 200
