"""Links of somebody who moves: old ones leave and open nothing, none leads to more than it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pipeline.core.links import Purpose, sign
from pipeline.core.preferences import Choice
from pipeline.core.subscriber import SubscriberState
from pipeline.flows import preferences
from pipeline.flows.sign_up import Standing, pending
from tests.front_desks import KEYS, FrontDoor
from tests.front_door import KEYS as DOOR_KEYS
from tests.front_door import Visitor, tree, write_room

if TYPE_CHECKING:
    from pathlib import Path

    from httpx import Response

    from pipeline.core.subscriber import Subscriber

MAILBOXES = ["ada@one.example", "bob@two.example", "cyd@three.example"]
NEWSLETTERS = ["weekly", "yearly"]


class Kept(NamedTuple):
    """A link in a mailbox: `moves` is how often its reader had moved when it was made."""

    start: str
    token: str
    moves: int


class Moving(RuleBasedStateMachine):
    """One subscriber, who moves between mailboxes in which every link stays."""

    @initialize()
    def join(self) -> None:
        self.door = FrontDoor()
        self.at = MAILBOXES[0]
        self.moves = 0
        self.kept: list[Kept] = []
        self.door.sign_up(self.at, *NEWSLETTERS)
        (ready,) = self.door.sent()
        self.keep("c", ready.url)
        self.door.confirm(self.kept[-1].token)
        self.id = self.door.who(self.at).id

    def keep(self, start: str, token: str) -> None:
        self.kept.append(Kept(start, token.rpartition("/")[2], self.moves))

    @property
    def one(self) -> Subscriber:
        found = self.door.store.subscribers.get(self.id)
        assert found is not None
        return found

    @rule(newsletter=st.sampled_from(NEWSLETTERS))
    def issue(self, newsletter: str) -> None:
        mailing = self.door.mailed(newsletter)
        self.keep("u", sign(KEYS[0], Purpose.UNSUBSCRIBE, self.id, mailing))
        self.keep("p", sign(KEYS[0], Purpose.PREFERENCES, self.id, mailing))
        self.door.later(minutes=1)

    @rule()
    def ask(self) -> None:
        preferences.ask_link(self.door.desk, self.at, language="en", now=self.door.now)
        for ready in self.door.sent():
            if ready.url:
                self.keep("p", ready.url)

    @rule(newsletter=st.sampled_from(NEWSLETTERS))
    def sign_up(self, newsletter: str) -> None:
        self.door.sign_up(self.at, newsletter)
        for ready in self.door.sent():
            if ready.url:
                self.keep(ready.url.split("/")[-2], ready.url)

    @precondition(lambda self: self.one.state is SubscriberState.ACTIVE)
    @rule(to=st.sampled_from(MAILBOXES))
    def move(self, to: str) -> None:
        if to == self.at:
            return
        self.door.later(days=1, hours=1)  # so that no mail of this test is one too many
        self.door.moved(self.at, to)
        self.at = to
        self.moves += 1

    @rule(place=st.integers(0))
    def leave(self, place: int) -> None:
        """Any link to leave does, the oldest, too."""
        ways = [kept for kept in self.kept if kept.start == "u"]
        if ways:
            kept = ways[place % len(ways)]
            preferences.leave(self.door.desk, kept.token, now=self.door.now)
            seen = preferences.visit(self.door.desk, kept.token, Purpose.UNSUBSCRIBE, self.door.now)
            assert seen is not None
            assert seen.newsletter not in self.one.newsletters

    @precondition(lambda self: self.one.state is SubscriberState.UNSUBSCRIBED)
    @rule(place=st.integers(0))
    def come_back(self, place: int) -> None:
        """By a link to leave that is not old; or by their page."""
        for kept in self.kept[place % len(self.kept) :]:
            if kept.start == "u":
                found = preferences.come_back(self.door.desk, kept.token, now=self.door.now)
                assert found is not None
                assert not (found.gets and kept.moves < self.moves)
                return
            if kept.start == "p" and kept.moves == self.moves:
                choice = Choice(newsletters=frozenset(NEWSLETTERS))
                preferences.save(self.door.desk, kept.token, choice, now=self.door.now)
                return

    @invariant()
    def old_links_show_and_open_nothing(self) -> None:
        desk, now = self.door.desk, self.door.now
        before = self.door.state()
        for kept in self.kept:
            if kept.start == "c":
                asked = pending(desk, kept.token, now)
                if kept.moves < self.moves:
                    assert asked.standing is Standing.EXPIRED
                    assert (asked.address, asked.preferences) == ("", "")
                continue
            purpose = Purpose.PREFERENCES if kept.start == "p" else Purpose.UNSUBSCRIBE
            seen = preferences.visit(desk, kept.token, purpose, now)
            assert seen is not None
            assert seen.is_old == (kept.moves < self.moves)
            assert (seen.address == self.at) == (kept.start == "p" and not seen.is_old)
            if seen.is_old:
                assert self.at not in repr(seen)
                assert preferences.download(desk, kept.token, now) is None
                assert not preferences.erase(desk, kept.token, now)
        assert self.door.state() == before


TestMoving = Moving.TestCase
TestMoving.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_room(tmp_path_factory.mktemp("links"))


DOES = ["leave", "all", "back", "confirm", "save", "move", "download", "erase", "erase for good"]
_TOKEN = re.compile(r"^/[cup]/")


def around(door: Visitor, path: str, first: Response) -> list[tuple[str, Response]]:
    """A page, and all of the front door that one comes to from it by following links."""
    found, paths = [(path, first)], {path}
    for place, page in found:
        if not page.headers["content-type"].startswith("text/html"):
            continue
        for href in tree(page).xpath("//main//a/@href | //main//form/@action"):
            to = urlsplit(urljoin(place, href))
            if not to.netloc and to.path not in paths and to.path.count("/") <= 2:
                paths.add(to.path)
                found.append((to.path, door.get(to.path)))
    return found


@given(
    which=st.sampled_from(["to leave", "to leave, old", "of a letter, old", "of a notice, old"]),
    does=st.lists(st.sampled_from(DOES), max_size=3),
)
@settings(max_examples=25, deadline=None)
def test_no_page_leads_to_more_than_its_link_is_for(
    room: Path, which: str, does: list[str]
) -> None:
    door = Visitor(room)
    one = door.reader("dorothea")
    path = door.mailed(one, "letter")
    if "letter" in which:
        path = f"/p/{sign(DOOR_KEYS[0], Purpose.PREFERENCES, one.id, 1)}"
    if "notice" in which:
        path = door.wishes(one)
    if "old" in which:
        door.moves(one, "theodora@example.org")
    address = door.now_is(one).address
    pages = [door.get(path), *(door.post(path, do=each) for each in does), door.get(path)]
    for page in pages:
        for place, reached in around(door, path, page):
            assert address.partition("@")[0] not in reached.text
            found = _TOKEN.search(place)
            assert found is None or place == path
    assert door.now_is(one).address == address
