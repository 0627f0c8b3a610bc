"""A front door in memory: who comes, what is kept, and the notices that would go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.core.cadence import parse_cadence
from pipeline.core.links import Purpose, sign
from pipeline.core.mailing import Mailing, MailingState
from pipeline.core.newsroom import Author, Newsletter, Newsroom
from pipeline.core.notice import NoticeKind, NoticeState
from pipeline.core.subscription import Wishes
from pipeline.flows.front_desk import FrontDesk, preferences_token
from pipeline.flows.notices import Prepared, prepared
from pipeline.flows.preferences import ask_address
from pipeline.flows.sign_up import Asked, confirm, sign_up
from pipeline.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Collection

    from pipeline.core.subscriber import Subscriber

NOW = datetime(2017, 7, 12, 9, 0, 0, 123456, tzinfo=UTC)
KEYS = (b"a key of this test, of forty-odd characters", b"the key of before, of as many letters")
ADA = "ada@example.org"


def _newsletter(key: str, title: str) -> Newsletter:
    return Newsletter(
        key=key,
        title=title,
        sender=f"{title} <{key}@news.example.org>",
        postal_address="1200 Genève",
        cadence=parse_cadence("daily 09:00"),
        languages=("en", "fr", "ar"),
    )


ROOM = Newsroom(
    title="Small room",
    base_url="https://news.example.org",
    timezone="Europe/Zurich",
    authority="news.example.org,2015",
    author=Author(name="The desk"),
    kinds={"news": "News"},
    series={},
    newsletters=(_newsletter("weekly", "The week"), _newsletter("yearly", "The year")),
)


class FrontDoor:
    """A store in memory behind a desk; `now` is set by hand."""

    def __init__(self, newsroom: Newsroom = ROOM) -> None:
        self.store = MemoryStore()
        self.now = NOW
        self.forgotten: list[str] = []
        self.desk = FrontDesk(
            newsroom=newsroom,
            keys=KEYS,
            subscribers=self.store.subscribers,
            ledger=self.store.ledger,
            notices=self.store.notices,
            message_ids=lambda: lambda issue, subscriber: f"<{issue}.{subscriber}@example.org>",
            forget=self._forget,
        )

    def _forget(self, addresses: Collection[str]) -> None:
        self.forgotten.extend(addresses)

    def later(self, **spans: float) -> None:
        self.now += timedelta(**spans)

    def sign_up(self, typed: str = ADA, *newsletters: str, **wishes: object) -> None:
        wanted = Wishes(newsletters=frozenset(newsletters or ("weekly",)))
        wanted = replace(wanted, **wishes)  # type: ignore[arg-type]
        sign_up(self.desk, typed, wanted, text="Yes, please", origin="", now=self.now)

    def confirm(self, token: str) -> Asked:
        return confirm(self.desk, token, text="Yes", origin="", now=self.now)

    def sent(self) -> list[Prepared]:
        """The notices that go out now, all of them taken as sent."""
        found = []
        while (notice := self.store.notices.take(self.now)) is not None:
            ready = prepared(self.desk, notice)
            if isinstance(ready, Prepared):
                found.append(ready)
            state = NoticeState.SENT if isinstance(ready, Prepared) else NoticeState.FAILED
            self.store.notices.settle(notice.id, state, "", self.now)
        return found

    def only_token(self) -> str:
        """That of the one notice that goes out."""
        (ready,) = self.sent()
        return ready.url.rpartition("/")[2]

    def joined(self, typed: str = ADA, *newsletters: str) -> Subscriber:
        """Somebody who signed up and confirmed."""
        self.sign_up(typed, *newsletters)
        self.confirm(self.only_token())
        return self.who(typed)

    def mailed(self, newsletter: str = "weekly") -> int:
        """A mailing that begins now; its id."""
        made = Mailing(
            issue=f"{newsletter}/{self.now:%Y-%m-%d-%H%M%S-%f}",
            newsletter=newsletter,
            digest="0" * 64,
            state=MailingState.RUNNING,
            created=self.now,
            begins=self.now,
            since=self.now,
        )
        people = [one.id for one in self.store.subscribers.each()]
        return self.store.ledger.create(made, people).id

    def moved(self, address: str, to: str) -> None:
        """By their own page, and the mail to the new address; a minute goes by."""
        one = self.who(address)
        record = self.store.subscribers.consents(one.id)
        page = preferences_token(self.desk, one.id, record)
        ask_address(self.desk, page, to, now=self.now)
        (ready,) = [ready for ready in self.sent() if ready.notice.kind is NoticeKind.ADDRESS]
        assert self.confirm(ready.url.rpartition("/")[2]).address == to
        self.later(minutes=1)

    def state(self) -> object:
        """All that is kept of people, to be compared."""
        people = list(self.store.subscribers.each())
        return people, [self.store.subscribers.consents(one.id) for one in people]

    def leaving_token(self, mailing: int = 0) -> str:
        """That of a letter of hers; a mailing of 0 stands for all newsletters."""
        return sign(KEYS[0], Purpose.UNSUBSCRIBE, self.who().id, mailing)

    def page_token(self) -> str:
        one = self.who()
        return preferences_token(self.desk, one.id, self.store.subscribers.consents(one.id))

    def who(self, address: str = ADA) -> Subscriber:
        return self.store.subscribers.find([address])[address]
