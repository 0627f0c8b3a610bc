"""The mailbox of bounces, over real connections to servers on this machine."""

from __future__ import annotations

import socket
from imaplib import IMAP4
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from pipeline.errors import MailRefusedError, MailTemporaryError, StoreError
from pipeline.mail import mailbox_bounds
from pipeline.mail.imap import ImapMailbox
from pipeline.mail.mailbox import open_mailbox
from pipeline.mail.mailbox_bounds import TAKEN_FOR
from pipeline.mail.mailbox_server import Polled, parse_mailbox_url
from pipeline.mail.parts import READ_MOST
from pipeline.mail.pop3 import PopMailbox
from tests.mailbox_servers import (
    PASSWORD,
    PEM,
    USER,
    ImapConversation,
    MailboxServer,
    PopConversation,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.mail.mailbox_server import Mailbox

MESSAGES = [b"Subject: %d\r\n\r\n.text\r\n" % number for number in range(1, 6)]
PROTOCOLS = ("imap", "pop3")


def url(server: MailboxServer, scheme: str, rest: str = "", password: str = PASSWORD) -> str:
    user = quote(USER, safe="")
    return f"{scheme}://{user}:{quote(password, safe='')}@127.0.0.1:{server.port}{rest}"


def mailbox(server: MailboxServer, scheme: str, rest: str = "") -> Mailbox:
    return open_mailbox(url(server, scheme, rest))[0]


@pytest.fixture(params=PROTOCOLS)
def server(request: pytest.FixtureRequest) -> Iterator[MailboxServer]:
    with serving(request.param) as found:
        found.fill(*MESSAGES)
        yield found


def scheme_of(server: MailboxServer) -> str:
    return "imap" if "Imap" in server.RequestHandlerClass.__name__ else "pop3"


def poll(server: MailboxServer, most: int = 100) -> tuple[Polled, list[bytes]]:
    found: list[bytes] = []
    return mailbox(server, scheme_of(server)).poll(found.append, most), found


def timed(server: MailboxServer, seconds: float, now: Callable[[], float] = float) -> Mailbox:
    place = parse_mailbox_url(url(server, scheme_of(server)))
    return (ImapMailbox if place.protocol == "imap" else PopMailbox)(place, seconds, now)


def test_messages_are_handed_over_whole_and_deleted(server: MailboxServer) -> None:
    assert poll(server) == (Polled(handled=5), MESSAGES)
    assert server.messages == {}
    assert poll(server) == (Polled(), [])


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("scheme", ["s", "+starttls"])
def test_over_tls(protocol: str, scheme: str) -> None:
    with serving(protocol, tls=scheme == "s") as server:
        server.fill(*MESSAGES)
        found: list[bytes] = []
        box = mailbox(server, protocol + scheme, f"?ca={quote(str(PEM))}")
        assert box.poll(found.append, 100).handled == 5
        assert found == MESSAGES


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("scheme", ["s", "+starttls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_password(protocol: str, scheme: str) -> None:
    with serving(protocol, tls=scheme == "s") as server:
        with pytest.raises(MailRefusedError, match="certificate is not right"):
            mailbox(server, protocol + scheme).poll(print, 100)
        assert not any(word in line for line in server.said for word in ("LOGIN", "AUTH", "PASS"))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_without_the_upgrade_no_password_is_said(protocol: str) -> None:
    with serving(protocol) as server:
        server.offers_tls = False
        with pytest.raises(MailTemporaryError, match=r"127\.0\.0\.1"):
            mailbox(server, f"{protocol}+starttls").poll(print, 100)
        assert not any(word in line for line in server.said for word in ("LOGIN", "AUTH", "PASS"))


def test_a_run_takes_so_many_and_no_more(server: MailboxServer) -> None:
    assert poll(server, 2) == (Polled(handled=2, waiting=3), MESSAGES[:2])
    assert list(server.messages) == [3, 4, 5]


def test_one_that_cannot_be_read_stays_and_stops_nobody(server: MailboxServer) -> None:
    server.unreadable = {2}
    polled, found = poll(server)
    assert polled == Polled(handled=4, left=1)
    assert found == [message for message in MESSAGES if message != MESSAGES[1]]
    assert list(server.messages) == [2]


def test_of_a_long_one_the_beginning_is_read(server: MailboxServer) -> None:
    lines = b"Subject: long\r\n\r\n" + (b"x" * 70 + b"\r\n") * 20_000
    server.messages = {1: lines}
    polled, (raw,) = poll(server)
    assert polled.handled == 1
    assert lines.startswith(raw.rstrip(b"\r\n"))
    assert READ_MOST <= len(raw) < len(lines)


def test_what_was_not_handled_stays(server: MailboxServer) -> None:
    found: list[bytes] = []

    def locked(raw: bytes) -> None:
        if len(found) == 2:
            raise StoreError("locked")
        found.append(raw)

    with pytest.raises(StoreError):
        mailbox(server, scheme_of(server)).poll(locked, 100)
    assert list(server.messages) == [3, 4, 5]


@pytest.mark.parametrize("place", ["FETCH 3", "RETR 3"])
def test_after_a_lost_connection_nothing_is_lost(server: MailboxServer, place: str) -> None:
    server.trouble, server.trouble_once = place, True
    found: list[bytes] = []
    box = mailbox(server, scheme_of(server))
    if place.split(maxsplit=1)[0] in {"imap": "FETCH", "pop3": "RETR"}[scheme_of(server)]:
        with pytest.raises(MailTemporaryError, match="Nothing is lost: run it again"):
            box.poll(found.append, 100)
        assert found == MESSAGES[:2]
    box.poll(found.append, 100)
    assert set(found) == set(MESSAGES)
    assert server.messages == {}


def test_a_server_that_falls_silent_is_not_waited_for(server: MailboxServer) -> None:
    server.silent = "SEARCH" if scheme_of(server) == "imap" else "LIST"
    with pytest.raises(MailTemporaryError, match="no answer in time"):
        timed(server, 0.2).poll(print, 100)


@pytest.mark.parametrize("upgrade", ["", "s", "+starttls"])
@pytest.mark.parametrize(
    ("protocol", "place"),
    [("imap", "CAPABILITY"), ("imap", "SEARCH"), ("pop3", "LIST"), ("pop3", "UIDL")],
)
def test_an_answer_without_end_is_not_kept_and_the_next_look_tries_again(
    protocol: str, place: str, upgrade: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox_bounds, "ANSWER_MOST", 2**18)
    with serving(protocol, tls=upgrade == "s") as server:
        server.fill(*MESSAGES)
        server.endless = place
        found: list[bytes] = []
        rest = f"?ca={quote(str(PEM))}" if upgrade else ""
        box = mailbox(server, protocol + upgrade, rest)
        with pytest.raises(MailTemporaryError, match="MB in one answer"):
            box.poll(found.append, 100)
        server.endless = ""
        assert box.poll(found.append, 100) == Polled(handled=5)
        assert found == MESSAGES


def test_many_answers_may_be_longer_together(
    server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox_bounds, "ANSWER_MOST", 1000)
    server.fill(*[b"Subject: x\r\n\r\n" + b"x" * 500 + b"\r\n"] * 5)
    assert poll(server)[0] == Polled(handled=10)


def test_a_look_ends_whatever_the_server_still_says(server: MailboxServer) -> None:
    server.endless = "SEARCH" if scheme_of(server) == "imap" else "LIST"
    half_minutes = count(0, 30).__next__
    with pytest.raises(MailTemporaryError, match="not at an end after 10 minutes"):
        timed(server, 30, half_minutes).poll(print, 100)


def test_what_a_look_has_no_time_for_waits_for_the_next(server: MailboxServer) -> None:
    found: list[bytes] = []

    def now() -> float:
        return TAKEN_FOR if len(found) >= 2 else 0.0

    assert timed(server, 30, now).poll(found.append, 100) == Polled(handled=2, waiting=3)
    assert list(server.messages) == [3, 4, 5]


def test_pop3_without_a_greeting_no_connection_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        place = parse_mailbox_url(f"pop3://u:p@127.0.0.1:{listening.getsockname()[1]}")
        with pytest.raises(MailTemporaryError, match="no answer in time"):
            PopMailbox(place, 0.1).poll(print, 100)
        accepted, _ = listening.accept()
        with accepted:
            accepted.settimeout(30)
            assert accepted.recv(1) == b""


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_a_wrong_password_is_said_without_it(server: MailboxServer, capabilities: str) -> None:
    server.capabilities = capabilities
    box, _ = open_mailbox(url(server, scheme_of(server), password="wr0ng"))
    with pytest.raises(MailRefusedError, match="refused the login") as caught:
        box.poll(print, 100)
    assert "wr0ng" not in str(caught.value)


def test_nobody_listens() -> None:
    with serving("imap") as server:
        place = url(server, "imap")
    with pytest.raises(MailTemporaryError, match="run it again"):
        open_mailbox(place)[0].poll(print, 100)


def test_imap_a_name_and_a_password_in_quotes() -> None:
    with serving("imap") as server:
        server.capabilities = "IMAP4rev1"
        server.password = 'quo"tes and \\'
        server.fill(*MESSAGES)
        box, _ = open_mailbox(url(server, "imap", password=server.password))
        assert box.poll(lambda _: None, 100).handled == 5


def test_imap_a_password_that_only_another_server_could_take() -> None:
    with serving("imap") as server:
        server.capabilities = "IMAP4rev1"
        with pytest.raises(MailRefusedError, match="ASCII only") as caught:
            mailbox(server, "imap").poll(print, 100)
        assert PASSWORD not in str(caught.value)


def test_imap_without_any_extension() -> None:
    with serving("imap") as server:
        server.capabilities = "IMAP4rev1 AUTH=PLAIN"
        server.fill(*MESSAGES)
        assert poll(server, 2)[0] == Polled(handled=2, waiting=3)
        assert list(server.messages) == [3, 4, 5]


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1 AUTH=PLAIN MOVE"])
def test_imap_handled_messages_move_to_a_folder(capabilities: str) -> None:
    with serving("imap") as server:
        server.capabilities = capabilities
        server.fill(*MESSAGES)
        box = mailbox(server, "imap", "/INBOX?handled=Old%20ones")
        assert box.poll(lambda _: None, 3).handled == 3
        assert server.folders == {"Old ones": MESSAGES[:3]}
        assert list(server.messages) == [4, 5]


def test_imap_a_folder_that_is_not_there() -> None:
    refused = pytest.raises(MailRefusedError, match='refused the folder "Bounces"')
    with serving("imap") as server, refused:
        mailbox(server, "imap", "/Bounces").poll(print, 100)


def test_imap_a_large_mailbox_is_searched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.mail.imap.SEARCHED_AT_ONCE", 2)
    with serving("imap") as server:
        server.fill(*MESSAGES)
        assert poll(server, 4) == (Polled(handled=4, waiting=1), MESSAGES[:4])
        searches = [line for line in server.said if "SEARCH" in line]
        assert searches == [f"UID SEARCH {places} UNDELETED" for places in ("1:2", "3:4", "5:5")]
    monkeypatch.setattr("pipeline.mail.imap.SEARCHED_MOST", 3)
    with serving("imap") as server:
        server.fill(*MESSAGES)
        assert poll(server) == (Polled(handled=3), MESSAGES[:3])


def answers(monkeypatch: pytest.MonkeyPatch, command: str, answer: bytes) -> None:
    """Let the server say this to a command, whatever it asks."""

    def odd(self: ImapConversation, tag: str, rest: str) -> str:
        self.say(answer)
        return "OK done"

    monkeypatch.setattr(ImapConversation, command, odd)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("do_uid_search", b"* SEARCH " + b"1 " * 600_000),
        ("do_uid_fetch", b"* 1 FETCH (BODY[] {99999999999999999999}"),
        ("do_select", b"* " + b"9" * 5000 + b" EXISTS"),
    ],
)
def test_imap_an_odd_answer_is_trouble_and_no_crash(
    monkeypatch: pytest.MonkeyPatch, command: str, answer: bytes
) -> None:
    answers(monkeypatch, command, answer)
    with serving("imap") as server:
        server.fill(*MESSAGES)
        with pytest.raises(MailTemporaryError, match="Nothing is lost"):
            poll(server)


def test_imap_what_is_announced_as_too_much_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers(monkeypatch, "do_uid_fetch", b"* 1 FETCH (BODY[] {99999999}")
    with serving("imap") as server:
        server.fill(*MESSAGES)
        with pytest.raises(MailTemporaryError, match="more than 16 MB in one answer"):
            poll(server)


def test_imap_what_is_said_unasked_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    send = IMAP4.send

    def counted(self: IMAP4, data: bytes) -> None:
        kept.append(sum(map(len, self.untagged_responses.values())))
        send(self, data)

    monkeypatch.setattr(IMAP4, "send", counted)
    answers(monkeypatch, "do_uid_store", b"* ODD 1\r\n" * 9 + b"* ODD 1")
    with serving("imap") as server:
        server.fill(*MESSAGES)
        assert poll(server)[0] == Polled(handled=5)
    assert not any(kept)


def test_imap_what_is_no_number_is_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "do_uid_search", b"* SEARCH \xff\xfe abc 1")
    with serving("imap") as server:
        server.fill(*MESSAGES)
        assert poll(server)[0] == Polled(handled=1)


def test_pop3_without_names_for_messages() -> None:
    with serving("pop3") as server:
        server.capabilities = "UIDL"
        server.fill(*MESSAGES)
        assert poll(server)[1] == MESSAGES


@pytest.mark.parametrize("capabilities", ["", "UIDL"])
def test_pop3_a_line_that_is_too_long_stops_nobody_and_is_not_tried_again(
    capabilities: str,
) -> None:
    with serving("pop3") as server:
        server.capabilities = capabilities
        server.fill(MESSAGES[0], b"Subject: odd\r\n\r\n" + b"x" * 5000, *MESSAGES[1:])
        polled, found = poll(server)
        assert polled == Polled(handled=5, left=1)
        assert found == MESSAGES
        assert list(server.messages) == [2]


def test_pop3_a_message_without_end_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox_bounds, "ANSWER_MOST", 2**18)
    with serving("pop3") as server:
        server.fill(*MESSAGES)
        server.endless = "RETR 2"
        polled, found = poll(server)
        assert polled == Polled(handled=4, left=1)
        assert found == [message for message in MESSAGES if message != MESSAGES[1]]
        assert list(server.messages) == [2]


def test_pop3_of_a_name_that_is_too_long_the_rest_is_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def long(self: PopConversation, rest: str) -> None:
        self.say("+OK", f"1 {'x' * 3000}", ".")

    monkeypatch.setattr(PopConversation, "do_uidl", long)
    with serving("pop3") as server:
        server.fill(*MESSAGES)
        with pytest.raises(MailTemporaryError, match="line too long"):
            poll(server)
        assert len(server.messages) == 5


def test_pop3_connections_are_not_made_for_ever() -> None:
    with serving("pop3") as server:
        server.fill(*[b"Subject: odd\r\n\r\n" + b"x" * 5000] * 30, *MESSAGES)
        polled, found = poll(server)
        assert (polled.handled, polled.left, found) == (0, 10, [])
        assert len(server.messages) == 35
