from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from pipeline.core.bounce import BounceKind
from pipeline.core.delivery import Claim
from pipeline.core.links import Purpose
from pipeline.core.notice import Notice, NoticeKind, NoticeState
from pipeline.core.reply import Reply, Stage
from pipeline.core.subscription import Occasion, correct
from pipeline.errors import AddressError, RenderError
from pipeline.flows import preferences
from pipeline.flows.notices import Carrying, Prepared, prepared
from pipeline.ports.sending import Letter
from tests.front_desks import ADA, ROOM, FrontDoor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.core.bounce import Bounce
    from pipeline.core.subscriber import Consent

OK = Reply(Stage.CONTENT, 250, "2.0.0", "Ok")
NO_USER = Reply(Stage.RECIPIENT, 550, "5.1.1", f"<{ADA}>: no such user")
GREYLISTED = Reply(Stage.RECIPIENT, 450, "4.7.1", f"<{ADA}>: come back")
LOST = Reply(Stage.CONTENT, 0, "", "connection lost")
NO_LOGIN = Reply(Stage.SENDER, 530, "5.7.0", "log in first")


def written(ready: Prepared) -> Letter:
    notice = ready.notice
    claim = Claim(notice.id, ready.subscriber, notice.address, "", ready.lang, 0, 0.0)
    return Letter(claim, "news@example.org", notice.address, (ready.url.encode(),))


class Post:
    """A round of a front door's notices, and a server that answers each alike."""

    def __init__(self, door: FrontDoor, write: Callable[[Prepared], Letter] = written) -> None:
        self.door = door
        self.bounces: list[Bounce] = []
        self.round = Carrying(
            desk=door.desk, write=write, now=lambda: door.now, bounced=self.bounces.append
        )

    def carry(self, reply: Reply = OK) -> list[str]:
        """The addresses that it carried to."""
        found = []
        while (letter := self.round.next()) is not None:
            found.append(letter.recipient)
            self.round.commit([letter], ())
            self.round.commit((), [(letter, reply)])
        return found

    def states(self) -> dict[NoticeState, int]:
        return dict(self.door.store.notices.counts())


def test_what_a_server_took_is_sent() -> None:
    door = FrontDoor()
    door.sign_up()
    post = Post(door)
    assert post.carry() == [ADA]
    assert (post.round.sent, post.states()) == (1, {NoticeState.SENT: 1})
    assert post.carry() == []


@pytest.mark.parametrize("reply", [GREYLISTED, LOST, NO_LOGIN])
def test_what_is_refused_for_now_is_tried_for_a_day(reply: Reply) -> None:
    door = FrontDoor()
    door.sign_up()
    post = Post(door)
    tries = 0
    for _ in range(26 * 60):
        tries += len(post.carry(reply))
        door.later(minutes=1)
    assert 10 < tries < 20
    assert post.states() == {NoticeState.FAILED: 1}
    assert post.bounces == []


def test_a_refusal_for_good_is_a_bounce_of_theirs() -> None:
    door = FrontDoor()
    door.sign_up()
    post = Post(door)
    post.carry(NO_USER)
    (bounce,) = post.bounces
    assert (bounce.kind, bounce.mailing) == (BounceKind.HARD, 0)
    assert bounce.subscriber == door.who().id
    assert post.states() == {NoticeState.FAILED: 1}
    assert door.store.subscribers.bounces(door.who().id) == (bounce,)


def test_a_refusal_by_another_address_is_no_bounce_of_theirs() -> None:
    door = FrontDoor()
    door.joined()
    preferences.ask_address(door.desk, door.page_token(), "ada@new.example", now=door.now)
    post = Post(door)
    assert post.carry(NO_USER) == ["ada@new.example"]
    assert post.bounces == []
    assert door.store.subscribers.bounces(door.who().id) == ()


def test_a_servers_words_are_not_kept() -> None:
    door = FrontDoor()
    door.sign_up()
    Post(door).carry(GREYLISTED)
    door.later(hours=1)
    notice = door.store.notices.take(door.now)
    assert notice is not None
    assert notice.said == "RCPT TO: 450 4.7.1"


def test_a_round_that_dies_leaves_its_notice_for_the_next() -> None:
    door = FrontDoor()
    door.sign_up()
    dead = Post(door).round
    letter = dead.next()
    assert letter is not None
    dead.put_back(letter)
    post = Post(door)
    assert post.carry() == []
    door.later(minutes=1)
    assert post.carry() == [ADA]


def test_a_notice_that_was_put_back_goes_by_another_connection() -> None:
    door = FrontDoor()
    door.sign_up()
    post = Post(door)
    letter = post.round.next()
    assert letter is not None
    post.round.put_back(letter)
    assert post.carry() == [ADA]


def test_nothing_begins_once_it_is_stopping() -> None:
    door = FrontDoor()
    door.sign_up()
    post = Post(door)
    post.round.stopping = lambda: True
    assert post.carry() == []
    assert post.states() == {NoticeState.WAITING: 1}


def test_a_broken_template_stops_no_other_notice() -> None:
    door = FrontDoor()
    door.sign_up()
    door.later(seconds=1)
    door.sign_up("bob@example.org")

    def write(ready: Prepared) -> Letter:
        if ready.notice.address == ADA:
            raise RenderError("email/notice.html", 3, "no such word")
        return written(ready)

    post = Post(door, write)
    assert post.carry() == ["bob@example.org"]
    assert "email/notice.html" in post.round.trouble
    assert post.states() == {NoticeState.WAITING: 1, NoticeState.SENT: 1}


def test_an_address_that_cannot_be_written_has_failed() -> None:
    door = FrontDoor()
    door.sign_up()

    def write(_: Prepared) -> Letter:
        raise AddressError("no", why="cannot be in DNS")

    post = Post(door, write)
    assert post.carry() == []
    assert post.states() == {NoticeState.FAILED: 1}


def test_what_there_is_no_more_need_for_is_not_sent() -> None:
    door = FrontDoor()
    door.sign_up()
    preferences.leave(door.desk, door.leaving_token(), now=door.now)
    post = Post(door)
    assert post.carry() == []
    assert post.states() == {NoticeState.FAILED: 1}


def test_who_confirmed_meanwhile_gets_their_link_instead() -> None:
    door = FrontDoor()
    door.sign_up()
    token = door.only_token()
    door.later(hours=2)
    door.sign_up(ADA, "weekly")
    door.confirm(token)
    (ready,) = door.sent()
    assert (ready.notice.kind, ready.newsletters) == (NoticeKind.KNOWN, ("weekly",))


@pytest.mark.parametrize(
    ("wanted", "found"), [("fr-CH", "fr"), ("", "en"), ("xx", "en"), ("ar", "ar")]
)
def test_a_notice_is_in_a_language_of_the_newsrooms(wanted: str, found: str) -> None:
    door = FrontDoor()
    notice = Notice(
        kind=NoticeKind.MOVED, address=ADA, language=wanted, created=door.now, due=door.now
    )
    ready = prepared(door.desk, notice)
    assert isinstance(ready, Prepared)
    assert ready.lang == found


def test_operators_are_told_whatever_else_is_known_of_their_address() -> None:
    door = FrontDoor()
    notice = Notice(
        kind=NoticeKind.OPERATORS,
        address="ops@example.org",
        text="A build failed\n",
        created=door.now,
        due=door.now,
    )
    ready = prepared(door.desk, notice)
    assert isinstance(ready, Prepared)
    assert (ready.notice, ready.url, ready.subscriber) == (notice, "", 0)


def test_a_newsroom_without_newsletters_sends_none() -> None:
    door = FrontDoor(replace(ROOM, newsletters=()))
    notice = Notice(
        kind=NoticeKind.OPERATORS,
        address="ops@example.org",
        text="x",
        created=door.now,
        due=door.now + timedelta(0),
    )
    assert prepared(door.desk, notice) == "no newsletter to send it as"


class MovingMeanwhile:
    """Subscribers of whom Ada moves just before or after her record is read."""

    def __init__(self, door: FrontDoor, when: str) -> None:
        self.door = door
        self.kept = door.store.subscribers
        self.when = when

    def __getattr__(self, name: str) -> object:
        return getattr(self.kept, name)

    def consents(self, subscriber: int) -> Sequence[Consent]:
        before = self.kept.consents(subscriber)
        word = Occasion(at=self.door.now, how="test")
        change = correct(self.door.who(), word, address="ada@new.example")
        assert change is not None
        self.kept.save([change])
        return before if self.when == "after" else self.kept.consents(subscriber)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_page_is_not_opened_to_the_mailbox_that_was_left_meanwhile(when: str) -> None:
    door = FrontDoor()
    door.joined()
    door.later(hours=2)
    preferences.ask_link(door.desk, ADA, language="en", now=door.now)
    notice = door.store.notices.take(door.now)
    assert notice is not None
    meanwhile = cast("Any", MovingMeanwhile(door, when))
    ready = prepared(replace(door.desk, subscribers=meanwhile), notice)
    assert isinstance(ready, Prepared)
    assert ready.notice.address == "ada@new.example"
    token = ready.url.rpartition("/")[2]
    found = preferences.visit(door.desk, token, Purpose.PREFERENCES, door.now)
    assert found is not None
    assert found.is_old == (when == "after")
