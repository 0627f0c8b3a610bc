"""`/c/`, `/u/` and `/p/`: what somebody does by a link of their own, and what forged ones do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from pipeline.core.notice import NoticeKind
from pipeline.core.subscriber import SubscriberState
from tests.front_door import KEYS, ONE_NEWSLETTER, Visitor, heading, text, tree, write_room

if TYPE_CHECKING:
    from pathlib import Path

    from httpx import Response

BOTH = ("letter", "yearbook")
ALL = frozenset(BOTH)
PARTS = (
    b'--b1\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    b"One-Click\r\n--b1--\r\n"
)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_room(tmp_path_factory.mktemp("door"))


@pytest.fixture
def door(room: Path) -> Visitor:
    return Visitor(room)


def asked(door: Visitor, **fields: str) -> str:
    """Somebody signed up for both; the path of their mail's button."""
    door.filled("/subscribe", address="ada@example.org", newsletter=list(BOTH), **fields)
    return door.confirming("ada@example.org")


def test_the_button_of_the_mail_shows_a_button_which_subscribes(door: Visitor) -> None:
    path = asked(door)
    page = door.get(path)
    assert heading(page) == "One more click, and you are subscribed"
    assert tree(page).xpath("//ul[@class='door-titles']//bdi/text()") == [
        "The letter",
        "The yearbook",
    ]
    assert door.find("ada@example.org").newsletters == frozenset()  # type: ignore[union-attr]
    done = door.post(path, do="confirm")
    assert heading(done) == "You are subscribed"
    assert "ada@example.org" in text(done)
    one = door.find("ada@example.org")
    assert one is not None
    assert (one.state, one.newsletters) == (SubscriberState.ACTIVE, ALL)
    assert door.store.subscribers.consents(one.id)[-1].text == "Yes, send me these"
    places = tree(done).xpath("//ul[@class='places']//a/@href")
    assert places[:2] == ["../issues/letter/", "../issues/yearbook/"]
    assert heading(door.get(places[2].removeprefix(".."))) == "What you get"
    assert heading(door.get(path)) == heading(door.post(path, do="confirm"))


def test_the_button_names_the_newsletter_in_the_readers_language(door: Visitor) -> None:
    door.filled("/subscribe", address="ada@example.org", newsletter="letter", language="fr")
    page = door.get(door.confirming("ada@example.org"))
    assert tree(page).get("lang") == "fr"
    assert tree(page).xpath("//main//button/text()") == ["Oui, envoyez-moi La lettre"]


def test_a_confirmation_that_comes_too_late_leads_to_the_form(door: Visitor) -> None:
    path = asked(door)
    door.now += timedelta(days=8)
    for found in (door.get(path), door.post(path, do="confirm")):
        assert found.status_code == 410
        assert tree(found).xpath("//main//a/@href")[0] == "../subscribe?lang=en"
    one = door.find("ada@example.org")
    assert one is not None
    assert one.state is SubscriberState.PENDING


def test_a_link_of_before_they_left_brings_nobody_back(door: Visitor) -> None:
    path = asked(door)
    door.post(path, do="confirm")
    one = door.find("ada@example.org")
    assert one is not None
    door.post(door.leaving(one), do="all")
    found = door.post(path, do="confirm")
    assert found.status_code == 410
    assert door.now_is(one).state is SubscriberState.UNSUBSCRIBED


def test_leaving_takes_a_button_and_can_be_undone(door: Visitor) -> None:
    one = door.reader(newsletters=ALL)
    path = door.leaving(one)
    page = door.get(path)
    assert heading(page) == "Unsubscribe?"
    assert door.now_is(one) == one
    done = door.post(path, do="all")
    assert heading(done) == "You are unsubscribed"
    assert "Nothing comes to you any more." in text(done)
    assert door.now_is(one).state is SubscriberState.UNSUBSCRIBED
    assert heading(door.get(path)) == "You are unsubscribed"
    back = door.post(path, do="back")
    assert heading(back) == "You are subscribed again"
    assert door.now_is(one).newsletters == ALL


def test_the_newsletter_of_the_mailing_is_left_and_no_other(door: Visitor) -> None:
    one = door.reader(newsletters=ALL)
    path = door.mailed(one, "letter")
    buttons = tree(door.get(path)).xpath("//main//button/text()")
    assert buttons == ["Unsubscribe from The letter", "Unsubscribe from everything"]
    done = door.post(path, do="leave")
    assert "The letter does not come to you any more." in text(done)
    assert door.now_is(one).newsletters == {"yearbook"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=One-Click\r\n", "text/plain"),
        (b"List-Unsubscribe=One-Click", ""),
        (PARTS, "multipart/form-data; boundary=b1"),
    ],
)
def test_a_mail_program_leaves_by_one_click(door: Visitor, body: bytes, kind: str) -> None:
    one = door.reader()
    for _ in range(2):
        done = door.ask("POST", door.leaving(one), {"content-type": kind}, body)
        assert (done.status_code, heading(done)) == (200, "You are unsubscribed")
        assert "set-cookie" not in done.headers
    assert door.now_is(one).state is SubscriberState.UNSUBSCRIBED
    lines = door.store.subscribers.consents(one.id)
    assert [line.how for line in lines] == ["form", "one-click"]


@pytest.mark.parametrize("body", [b"", b"do=", b"do=confirm", b"List-Unsubscribe=Other"])
def test_a_post_that_says_nothing_of_the_kind_leaves_nobody(door: Visitor, body: bytes) -> None:
    one = door.reader()
    assert heading(door.post_raw(door.leaving(one), body)) == "Unsubscribe?"
    assert door.now_is(one) == one


def test_the_links_of_a_test_copy_are_nobodys(door: Visitor) -> None:
    before = door.state()
    for found in (
        door.get(door.leaving(None)),
        door.post_raw(door.leaving(None), b"List-Unsubscribe=One-Click"),
        door.get(door.wishes(None)),
        door.post(door.wishes(None), do="erase for good"),
    ):
        assert (found.status_code, heading(found)) == (200, "This was a test")
    assert door.state() == before


@pytest.mark.parametrize("start", ["/c/", "/u/", "/p/"])
@pytest.mark.parametrize("does", ["confirm", "leave", "all", "back", "save", "erase for good"])
def test_a_link_that_nobody_signed_or_for_something_else_opens_nothing(
    door: Visitor, start: str, does: str
) -> None:
    one = door.reader()
    every = {
        "/c/": asked(door).removeprefix("/c/"),
        "/u/": door.leaving(one).removeprefix("/u/"),
        "/p/": door.wishes(one).removeprefix("/p/"),
    }
    own = every.pop(start)
    before = door.state()
    wrong = [
        *every.values(),
        own[:-1],
        f"{own}A",
        own.swapcase(),
        "x",
        "%00",
        "é",
        "a%2Fb",
        "a" * 7000,
    ]
    for token in wrong:
        for found in (door.get(f"{start}{token}"), door.post(f"{start}{token}", do=does)):
            assert (found.status_code, heading(found)) == (404, "This link leads nowhere")
            assert tree(found).xpath("//main//a/@href")[0] == "../preferences?lang=en"
    assert door.state() == before


@pytest.mark.parametrize("path", ["/c/", "/u/a/b", "/p/a//b/"])
def test_a_link_that_is_none_leads_back_to_the_site_from_any_depth(
    door: Visitor, path: str
) -> None:
    found = door.get(path)
    assert (found.status_code, heading(found)) == (404, "This link leads nowhere")
    assert urljoin(path, tree(found).xpath("//p[@class='brand']/a/@href")[0]) == "/"


ASK = "../preferences?lang=en"


def test_a_link_to_leave_shows_the_least_and_leads_to_no_preferences(door: Visitor) -> None:
    one = door.reader(newsletters=ALL)
    path = door.mailed(one, "letter")
    pages = [door.get(path), door.post(path, do="all"), door.post(path, do="back")]
    for page in pages:
        assert ASK in tree(page).xpath("//main//a/@href")
        assert "/p/" not in page.text
        assert "ada@" not in page.text
    assert "It goes to a…@example.org." in text(pages[0])
    assert heading(pages[2]) == "You are subscribed again"
    assert "a…@example.org" in text(pages[2])


def test_a_link_to_leave_of_before_a_new_address_leaves_and_says_nothing(door: Visitor) -> None:
    one = door.reader(newsletters=ALL, language="fr")
    path = door.mailed(one, "letter")
    door.moves(one, "new@example.net")
    page = door.get(path)
    assert tree(page).get("lang") == "fr"
    assert tree(page).xpath("//main//form/input/@value | //main//button/@value") == ["leave", "all"]
    done = door.post_raw(path, b"List-Unsubscribe=One-Click")
    again = door.post(path, do="back")
    for found in (page, done, again):
        assert found.status_code == 200
        assert "example.net" not in found.text
    assert heading(again) == heading(done) != heading(page)
    assert not tree(done).xpath("//main//button")
    assert door.now_is(one).newsletters == {"yearbook"}


def test_a_page_of_before_a_new_address_opens_nothing_more(door: Visitor) -> None:
    one = door.reader(newsletters=ALL)
    path = door.wishes(one)
    door.moves(one, "new@example.net")
    before = door.state()
    does = ["save", "pause 1", "resume", "download", "erase", "erase for good"]
    posts = [door.post(path, do=each, newsletter="letter") for each in does]
    posts.append(door.post(path, do="move", address="eve@example.net"))
    posts.append(door.ask("POST", path, {"content-type": "application/json"}, b"{}"))
    for found in (door.get(path), *posts):
        assert (found.status_code, heading(found)) == (410, "This link is too old")
        assert "example.net" not in found.text
        assert tree(found).xpath("//main//a/@href") == [ASK, "../"]
        assert not tree(found).xpath("//form")
    assert door.state() == before
    done = door.post(path, do="leave")
    assert heading(done) == "You are unsubscribed"
    assert "example.net" not in done.text
    assert door.now_is(one).state is SubscriberState.UNSUBSCRIBED
    assert heading(door.get(door.wishes(one))) == "What you get"


def test_a_used_confirmation_of_before_a_new_address_says_nothing(door: Visitor) -> None:
    path = asked(door)
    door.post(path, do="confirm")
    one = door.find("ada@example.org")
    assert one is not None
    door.moves(one, "new@example.net")
    for found in (door.get(path), door.post(path, do="confirm")):
        assert (found.status_code, heading(found)) == (410, "This link is too old")
        assert "example.net" not in found.text
        assert "/p/" not in found.text


def test_what_one_gets_is_chosen_on_one_page(door: Visitor) -> None:
    one = door.reader(name="Ada", topics=frozenset({"care"}), language="fr")
    path = door.wishes(one)
    page = tree(door.get(f"{path}?lang=en"))
    assert page.xpath("//input[@checked]/@value") == ["letter", "care"]
    assert page.xpath("//option[@selected]/@value") == ["fr"]
    assert page.xpath("//input[@name='name']/@value") == ["Ada"]
    done = door.post(
        path, do="save", newsletter=list(BOTH), topic="youth", language="", name="  Ada  L. "
    )
    assert tree(done).xpath("//*[@role='status']/text()") == ["Saved."]
    kept = door.now_is(one)
    assert kept.newsletters == ALL
    assert kept.topics == {"youth"}
    assert kept.language == ""
    assert kept.name == "Ada L."
    assert door.store.subscribers.consents(one.id)[-1].how == "preferences page"


def test_a_link_of_the_key_of_last_year_still_opens(door: Visitor) -> None:
    assert heading(door.get(door.wishes(door.reader(), KEYS[1]))) == "What you get"


@pytest.mark.parametrize("name", ["x" * 121, "a\r\nBcc: x@example.org", "\x00"])
def test_a_name_that_cannot_be_kept_comes_back_beside_its_problem(door: Visitor, name: str) -> None:
    one = door.reader(name="Ada")
    found = door.post(door.wishes(one), do="save", newsletter="yearbook", name=name)
    assert found.status_code == 422
    (field,) = tree(found).xpath("//input[@name='name']")
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-describedby") == "name-problem name-hint"
    assert tree(found).xpath("//input[@checked]/@value") == ["yearbook"]
    assert door.now_is(one) == one


def test_without_any_newsletter_they_have_left_and_may_come_back(door: Visitor) -> None:
    one = door.reader()
    found = door.post(door.wishes(one), do="save")
    assert "Nothing comes to you at present." in text(found)
    assert door.now_is(one).state is SubscriberState.UNSUBSCRIBED
    door.post(door.wishes(one), do="save", newsletter="letter")
    kept = door.now_is(one)
    assert kept.state is SubscriberState.ACTIVE
    assert kept.newsletters == {"letter"}
    assert door.store.subscribers.consents(one.id)[-1].text.startswith("By subscribing")
    door.post(door.wishes(one), do="leave")
    assert door.now_is(one).state is SubscriberState.UNSUBSCRIBED


def consents(page: Response) -> list[str]:
    """The words of consent on a page."""
    return [str(found.text) for found in tree(page).xpath("//p[@class='door-consent']")]


def test_words_of_consent_stand_where_there_is_something_to_agree_to(tmp_path: Path) -> None:
    plain = ONE_NEWSLETTER.replace("topics = true\n", "")
    door = Visitor(write_room(tmp_path, plain))
    one = door.reader()
    path = door.wishes(one)
    assert consents(door.get(path)) == []
    door.post(path, do="leave")
    (said,) = consents(door.get(path))
    assert "Small room sends the newsletter “The letter” to this address" in said
    assert consents(door.get("/subscribe")) == [said]
    door.post(path, do="save", newsletter="letter")
    assert door.store.subscribers.consents(one.id)[-1].text == said


def test_a_pause_ends_by_itself_or_by_a_button(door: Visitor) -> None:
    one = door.reader()
    path = door.wishes(one)
    found = door.post(path, do="pause 2")
    assert "Nothing comes until 5 September 2017." in text(found)
    until = door.now_is(one).quiet_until
    assert until == datetime(2017, 9, 5, 9, tzinfo=UTC)
    door.post(path, do="resume")
    assert door.now_is(one).quiet_until is None
    for wrong in ("pause", "pause 4", "pause -1", "pause 1000000"):
        door.post(path, do=wrong)
    assert door.now_is(one).quiet_until is None


def test_another_address_is_asked_first(door: Visitor) -> None:
    one = door.reader()
    wrong = door.post(door.wishes(one), do="move", address="no address")
    assert wrong.status_code == 422
    assert tree(wrong).xpath("//input[@name='address']/@value") == ["no address"]
    found = door.post(door.wishes(one), do="move", address="new@example.org")
    assert heading(found) == "Now look into your inbox"
    assert door.now_is(one).address == "ada@example.org"
    (notice,) = door.notices()
    assert (notice.kind, notice.address) == (NoticeKind.ADDRESS, "new@example.org")
    assert "new@example.org has not confirmed yet" in text(door.get(door.wishes(one)))


def test_an_address_that_is_taken_gets_the_same_answer(door: Visitor) -> None:
    one = door.reader()
    path = door.wishes(one)
    free = door.post(path, do="move", address="bob@example.org")
    taken = Visitor(door.root)
    same = taken.reader()
    taken.reader("bob")
    found = taken.post(taken.wishes(same), do="move", address="bob@example.org")
    assert taken.wishes(same) == path
    assert found.content == free.content


def test_the_data_is_a_file(door: Visitor) -> None:
    one = door.reader(name="Ada")
    found = door.post(door.wishes(one), do="download")
    assert found.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert found.headers["content-type"] == "application/json"
    held = json.loads(found.content)
    assert held["subscribers"][0]["address"] == "ada@example.org"


def test_erasing_takes_two_steps(door: Visitor) -> None:
    one = door.reader()
    path = door.wishes(one)
    question = door.post(path, do="erase")
    assert heading(question) == "Delete all about you?"
    assert door.now_is(one) == one
    assert heading(door.post(path, do="erase for good")) == "You are forgotten"
    assert door.store.subscribers.get(one.id) is None
    assert heading(door.get(path)) == "You are forgotten"
    gone = door.post_raw(door.leaving(one), b"List-Unsubscribe=One-Click")
    assert (gone.status_code, heading(gone)) == (200, "You are unsubscribed")


def test_who_is_suppressed_sees_why_nothing_comes_and_can_still_be_forgotten(
    door: Visitor,
) -> None:
    one = door.reader(state=SubscriberState.SUPPRESSED)
    page = door.get(door.wishes(one))
    assert "No mail goes to this address" in text(page)
    assert tree(page).xpath("//input/@value") == ["leave", "download", "erase"]


def test_what_is_no_form_changes_nothing(door: Visitor) -> None:
    one = door.reader()
    kind = {"content-type": "application/json"}
    found = door.ask("POST", door.wishes(one), kind, b'{"do": "erase for good"}')
    assert found.status_code == 415
    assert door.now_is(one) == one


def test_what_somebody_typed_is_never_a_template_or_markup(door: Visitor) -> None:
    one = door.reader(name="{{ 7 * 7 }}<b>bold</b>")
    page = tree(door.get(door.wishes(one)))
    assert page.xpath("//input[@name='name']/@value") == ["{{ 7 * 7 }}<b>bold</b>"]
    assert not page.xpath("//b")


def test_pages_with_a_token_are_kept_nowhere(door: Visitor) -> None:
    one = door.reader()
    for path in (door.wishes(one), door.leaving(one)):
        page = door.get(path)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-robots-tag"] == "noindex"
