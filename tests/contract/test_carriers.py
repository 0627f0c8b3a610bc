"""What the port `Carrier` promises, asked of the outbox, of SMTP in both ways, and of TLS."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.config import Folders
from pipeline.core.reply import Stage
from pipeline.core.sending import Sending
from pipeline.errors import FencedError
from pipeline.mail.carriers import carrier
from tests.aiosmtpd_server import aiosmtpd_server
from tests.rounds import FakeRound, letter, letters
from tests.smtp_server import Manners, smtp_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.ports.sending import Carrier, Letter

SENDING = Sending(connections=3)


class Place:
    """A carrier, and what arrived where it carries to: the messages, in no order."""

    def __init__(self, carrier: Carrier, arrived: Callable[[], list[bytes]]) -> None:
        self.carrier = carrier
        self.arrived = arrived


def carrying(url: str, root: Path) -> Carrier:
    folders = Folders(
        root=root,
        content=root / "content",
        templates=root / "templates",
        output=root / "output",
        state=root / ".pipeline",
    )
    return carrier(url, SENDING, folders, name="news/2026-01")


@contextmanager
def outbox(root: Path) -> Iterator[Place]:
    folder = root / ".pipeline/outbox/news/2026-01"
    yield Place(carrying("outbox:", root), lambda: [p.read_bytes() for p in folder.glob("*.eml")])


@contextmanager
def ours(root: Path, manners: Manners) -> Iterator[Place]:
    with smtp_server(manners=manners) as server:
        place = carrying(server.url, root)
        yield Place(place, lambda: [message.data for message in server.messages])


@contextmanager
def theirs(root: Path) -> Iterator[Place]:
    with aiosmtpd_server() as post:
        place = carrying(f"smtp://127.0.0.1:{post.port}", root)
        yield Place(place, lambda: [data for _, data in post.taken])


@pytest.fixture(params=["outbox", "smtp, pipelining", "smtp, lock step", "aiosmtpd"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    kinds = {
        "outbox": lambda: outbox(tmp_path),
        "smtp, pipelining": lambda: ours(tmp_path, Manners()),
        "smtp, lock step": lambda: ours(tmp_path, Manners(pipelining=False)),
        "aiosmtpd": lambda: theirs(tmp_path),
    }
    with kinds[request.param]() as found:
        yield found


def whole(one: Letter) -> bytes:
    """The message of a letter, its dots no longer stuffed."""
    data = one.data.removeprefix(b".") if one.data.startswith(b"..") else one.data
    return data.replace(b"\r\n..", b"\r\n.")


def test_every_letter_is_carried_once_and_whole(place: Place) -> None:
    given = letters(30, size=3000)
    done = FakeRound.of(given)
    place.carrier.carry(done)
    assert sorted(place.arrived()) == sorted(map(whole, given))
    assert done.codes() == {250: 30}
    assert {reply.stage for reply in done.replies.values()} == {Stage.CONTENT}
    assert not done.out
    assert done.most_uncertain <= SENDING.connections


def test_no_letter_is_no_work(place: Place) -> None:
    done = FakeRound()
    place.carrier.carry(done)
    assert place.arrived() == []
    assert done.commits == 0


def test_a_round_may_ask_to_wait(place: Place) -> None:
    done = FakeRound.of([0.01, letter(1), 0.01, letter(2), 0.0])
    place.carrier.carry(done)
    assert done.codes() == {250: 2}


def test_each_byte_of_a_message_arrives(place: Place) -> None:
    data = b"..one\r\n\r\n..\r\n...\r\n.. \r\na.b\r\n" + bytes(range(1, 10)) + b"\r\n"
    one = replace(letter(1), pieces=(data,))
    place.carrier.carry(FakeRound.of([one]))
    assert place.arrived() == [b".one\r\n\r\n.\r\n..\r\n. \r\na.b\r\n\1\2\3\4\5\6\7\x08\t\r\n"]


def test_two_rounds_go_one_after_the_other(place: Place) -> None:
    place.carrier.carry(FakeRound.of([letter(1)]))
    place.carrier.carry(FakeRound.of([letter(2)]))
    assert len(place.arrived()) == 2


@pytest.mark.parametrize("when", [1, 2, 4])
def test_nothing_more_is_sent_once_the_round_fails(place: Place, when: int) -> None:
    allowed: list[int] = []

    def taken_over(given: FakeRound) -> None:
        if given.commits == when:
            raise FencedError("taken over")
        allowed[:] = given.begun

    done = FakeRound.of(letters(20), on_commit=taken_over)
    with pytest.raises(FencedError, match="taken over"):
        place.carrier.carry(done)
    assert done.commits == when
    assert {*place.arrived()} <= {whole(letter(number)) for number in allowed}
