"""Letters over real sockets, to a server that misbehaves in every way it has a name for."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pipeline.core.reply import Reply, Stage
from pipeline.errors import FencedError, MailRefusedError, MailTemporaryError, StoreError
from pipeline.mail.server_url import MailServer as Target
from pipeline.mail.server_url import parse_server_url
from pipeline.mail.smtp import SmtpCarrier, new_loop
from pipeline.mail.smtp_desk import Patience
from tests.newsrooms import REPOSITORY
from tests.rounds import FakeRound, letter, letters
from tests.smtp_server import Fault, MailServer, Manners, smtp_server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pipeline.ports.sending import Letter

    Loop = Callable[[], asyncio.AbstractEventLoop]

SHORT = Patience(
    opening=2.0,
    opening_first=2.0,
    command=0.3,
    data=0.3,
    block=0.3,
    content=0.3,
    quit=0.3,
    again=0.01,
    unreachable=0.2,
    unreachable_first=0.2,
    interrupted=2.0,
    store_again=(0.02, 0.02, 0.02),
)
CONNECTIONS = 4


def carry(
    server: MailServer, given: FakeRound, patience: Patience = SHORT, loop: Loop = new_loop
) -> FakeRound:
    """Carry a round to the end."""
    target = parse_server_url(server.url)
    assert isinstance(target, Target)
    SmtpCarrier(target, CONNECTIONS, patience, loop).carry(given)
    assert not given.out
    return given


@pytest.fixture(params=[new_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def loop(request: pytest.FixtureRequest) -> Loop:
    """What the default is, and what it is where uvloop is missing."""
    found: Loop = request.param
    return found


@pytest.fixture(params=[True, False], ids=["pipelining", "lock step"])
def manners(request: pytest.FixtureRequest) -> Manners:
    return Manners(pipelining=request.param)


def test_every_letter_arrives_once_and_whole(manners: Manners, loop: Loop) -> None:
    given = letters(60, size=5000)
    with smtp_server(manners=manners) as server:
        done = carry(server, FakeRound.of(given), loop=loop)
    assert sorted(server.taken) == sorted(one.recipient for one in given)
    assert {m.data for m in server.messages} == {
        one.data.replace(b"\r\n..", b"\r\n.") for one in given
    }
    assert {m.sender for m in server.messages} == {"news@example.org"}
    assert set(done.replies.values()) == {Reply(Stage.CONTENT, 250, "2.0.0", "taken")}
    assert server.talked_ahead == 0
    assert 1 < server.most_open <= CONNECTIONS
    assert server.connections == server.most_open
    assert done.most_uncertain <= CONNECTIONS


def test_a_single_letter_needs_a_single_connection() -> None:
    with smtp_server() as server:
        carry(server, FakeRound.of(letters(1)))
    assert server.connections == 1
    assert server.commands[-1] == "QUIT"


def test_nothing_to_send_needs_no_connection() -> None:
    with smtp_server() as server:
        carry(server, FakeRound())
    assert server.connections == 0


@pytest.mark.parametrize(
    ("fault", "reply"),
    [
        ("refuse", Reply(Stage.RECIPIENT, 550, "5.1.1", "there is nobody of this name")),
        ("full", Reply(Stage.RECIPIENT, 452, "4.2.2", "mailbox full")),
        ("greylist", Reply(Stage.RECIPIENT, 451, "4.7.1", "greylisted")),
        ("data", Reply(Stage.DATA, 451, "4.3.0", "not now")),
        ("content", Reply(Stage.CONTENT, 554, "5.7.1", "looks like spam")),
        ("421-recipient", Reply(Stage.RECIPIENT, 421, "4.7.0", "not him")),
        ("421-after-data", Reply(Stage.CONTENT, 421, "4.3.0", "no more")),
    ],
)
def test_a_refusal_is_that_letters_alone(manners: Manners, fault: str, reply: Reply) -> None:
    with smtp_server(Fault(fault, every=5), manners=manners) as server:
        done = carry(server, FakeRound.of(letters(40, size=3000)))
    refused = [number for number, found in done.replies.items() if found == reply]
    assert len(refused) >= 6
    assert len(server.taken) == len(set(server.taken)) == 40 - len(refused)
    assert done.codes() == {250: 40 - len(refused), reply.code: len(refused)}


def test_a_reply_in_the_middle_of_a_letter_ends_its_connection(
    manners: Manners, loop: Loop
) -> None:
    """Whether the reply or the end of the connection is seen first is a matter of chance."""
    with smtp_server(Fault("early", every=5), manners=manners) as server:
        done = carry(server, FakeRound.of(letters(40, size=3000)), loop=loop)
    refused = [number for number, reply in done.replies.items() if reply.code != 250]
    assert len(refused) >= 6
    assert set(done.codes()) <= {250, 552, 0}
    assert len(server.taken) == len(set(server.taken)) == 40 - len(refused)


def test_a_server_that_says_354_for_nobody_gets_no_letter() -> None:
    manners = Manners(takes_empty=True)
    with smtp_server(Fault("refuse", every=3), manners=manners) as server:
        done = carry(server, FakeRound.of(letters(30)))
    assert done.codes() == {250: 20, 550: 10}
    assert len(server.taken) == 20


def test_a_refused_sender_is_said_of_every_letter(manners: Manners) -> None:
    with smtp_server(Fault("sender"), manners=manners) as server:
        done = carry(server, FakeRound.of(letters(5)))
    assert set(done.replies.values()) == {Reply(Stage.SENDER, 550, "5.7.1", "not from you")}
    assert server.taken == []


def test_a_connection_lost_before_data_loses_nothing(manners: Manners, loop: Loop) -> None:
    faults = [Fault("drop-before-data", nth=nth) for nth in (2, 9, 30)]
    with smtp_server(*faults, manners=manners) as server:
        done = carry(server, FakeRound.of(letters(40)), loop=loop)
    assert done.codes() == {250: 40}
    assert sorted(server.taken) == sorted({one.recipient for one in letters(40)})
    assert done.put_backs


def test_a_letter_that_ends_each_connection_does_not_go_for_ever(manners: Manners) -> None:
    fault = Fault("drop-before-data", recipient="reader3@example.org")
    with smtp_server(fault, manners=manners) as server:
        done = carry(server, FakeRound.of(letters(10)))
    assert done.codes() == {250: 9, 0: 1}
    assert done.replies[3].stage is Stage.RECIPIENT
    assert "connection lost" in done.replies[3].text


@pytest.mark.parametrize("fault", ["drop-after-data", "drop-untaken", "stall-after-data"])
def test_a_connection_lost_after_the_dot_leaves_one_letter_uncertain(
    manners: Manners, fault: str, loop: Loop
) -> None:
    with smtp_server(Fault(fault, nth=5), manners=manners) as server:
        done = carry(server, FakeRound.of(letters(20)), loop=loop)
    assert done.codes() == {250: 19, 0: 1}
    (lost,) = [reply for reply in done.replies.values() if not reply.code]
    assert lost.stage is Stage.CONTENT
    assert len(set(server.taken)) == len(server.taken) == (19 if fault == "drop-untaken" else 20)


@pytest.mark.parametrize("fault", ["drop-in-data", "stall-in-data"])
def test_a_letter_that_could_not_leave_whole_was_not_taken(fault: str, loop: Loop) -> None:
    """Larger than what the system keeps for a server that does not read."""
    given = [letter(1), letter(2, size=12_000_000), letter(3)]
    manners = Manners(size=0)
    with smtp_server(Fault(fault, recipient="reader2@example.org"), manners=manners) as server:
        done = carry(server, FakeRound.of(given), loop=loop)
    assert (done.replies[2].stage, done.replies[2].code) == (Stage.DATA, 0)
    assert sorted(server.taken) == ["reader1@example.org", "reader3@example.org"]


@pytest.mark.parametrize("fault", ["stall", "garbage"])
def test_a_connection_that_lost_the_thread_is_replaced(manners: Manners, fault: str) -> None:
    with smtp_server(Fault(fault, nth=5), manners=manners) as server:
        done = carry(server, FakeRound.of(letters(20)))
    assert done.codes() == {250: 20}
    assert len(server.taken) == len(set(server.taken)) == 20


def test_a_server_that_does_not_keep_to_pipelining_is_talked_to_in_lock_step(loop: Loop) -> None:
    with smtp_server(manners=Manners(forgets=True)) as server:
        done = carry(server, FakeRound.of(letters(30)), loop=loop)
    assert done.codes() == {250: 30}
    assert len(server.taken) == len(set(server.taken)) == 30
    assert server.connections <= 2 * CONNECTIONS


def test_a_slow_server_is_waited_for(manners: Manners) -> None:
    with smtp_server(Fault("slow", every=4, seconds=0.1), manners=manners) as server:
        done = carry(server, FakeRound.of(letters(12)))
    assert done.codes() == {250: 12}
    assert server.connections <= CONNECTIONS


def test_a_storm_of_421_loses_nothing_and_calms_down(manners: Manners, loop: Loop) -> None:
    with smtp_server(Fault("421", every=3), manners=manners) as server:
        done = carry(server, FakeRound.of(letters(40)), loop=loop)
    assert set(done.codes()) <= {250, 421}
    assert sorted(server.taken) == sorted(
        f"reader{number}@example.org" for number, reply in done.replies.items() if reply.code == 250
    )


def test_a_server_that_takes_a_few_at_a_time_is_asked_again(manners: Manners) -> None:
    few = Manners(pipelining=manners.pipelining, per_connection=3)
    with smtp_server(manners=few) as server:
        done = carry(server, FakeRound.of(letters(20)))
    assert done.codes() == {250: 20}
    assert server.connections >= 7


@pytest.mark.parametrize("fault", ["greeting-421", "greeting-silent"])
def test_a_server_that_never_has_time_is_given_up_for_now(fault: str, loop: Loop) -> None:
    given = FakeRound.of(letters(3))
    patience = Patience(opening_first=0.1, again=0.01, unreachable_first=0.15)
    with smtp_server(Fault(fault)) as server, pytest.raises(MailTemporaryError) as caught:
        carry(server, given, patience, loop=loop)
    assert caught.value.server in str(caught.value)
    assert not given.out
    assert not given.replies


def test_an_editor_does_not_wait_for_a_server_that_never_greets() -> None:
    """Not for a second time either: what the first took counts."""
    patience = Patience(opening=60.0, opening_first=0.2, again=0.01, unreachable_first=0.1)
    with smtp_server(Fault("greeting-silent")) as server, pytest.raises(MailTemporaryError):
        carry(server, FakeRound.of(letters(1)), patience)
    assert server.connections == 1


@dataclass
class Paused(FakeRound):
    """A round that gives nothing more once a letter was put back, as if paused by then."""

    def next(self) -> Letter | float | None:
        return None if self.put_backs else super().next()


@pytest.mark.parametrize("faults", [(), (Fault("greeting-421", nth=1),)], ids=["open", "fails"])
def test_a_letter_that_waited_for_a_connection_is_not_sent_after_a_pause(
    faults: tuple[Fault, ...],
) -> None:
    done = Paused.of(letters(3))
    with smtp_server(*faults) as server:
        carry(server, done)
    assert server.connections == 1
    assert server.taken == []
    assert done.begun == []


def test_a_server_that_has_no_time_at_first_is_tried_again() -> None:
    with smtp_server(Fault("greeting-421", nth=1)) as server:
        done = carry(server, FakeRound.of(letters(3)))
    assert done.codes() == {250: 3}


@pytest.mark.parametrize("fault", ["greeting-554", "greeting-garbage"])
def test_a_server_that_takes_no_mail_is_given_up_at_once(fault: str) -> None:
    given = FakeRound.of(letters(3))
    with smtp_server(Fault(fault)) as server, pytest.raises(MailRefusedError):
        carry(server, given)
    assert server.connections == 1
    assert not given.out


def test_no_server_is_no_mail(loop: Loop) -> None:
    with smtp_server() as server:
        pass
    given = FakeRound.of(letters(3))
    with pytest.raises(MailTemporaryError, match="cannot be reached: Connection refused"):
        carry(server, given, loop=loop)
    assert not given.out


def test_a_server_that_is_gone_in_the_middle_is_given_up() -> None:
    """Every connection ends at its first letter."""
    given = FakeRound.of(letters(30))
    with smtp_server(Fault("drop-before-data")) as server, pytest.raises(MailTemporaryError):
        carry(server, given)
    assert not given.out
    assert 0 < server.connections < 30


def test_a_round_may_ask_to_wait() -> None:
    one, two, three = letters(3)
    with smtp_server() as server:
        done = carry(server, FakeRound.of([one, 0.02, two, 0.0, three]))
    assert done.codes() == {250: 3}
    assert server.connections <= 2


def test_a_round_that_waits_for_its_letters_is_asked_when_they_are_back() -> None:
    one, two = letters(2)
    with smtp_server() as server:
        done = carry(server, FakeRound.of([one, 3600.0, two]))
    assert done.codes() == {250: 2}


def test_while_there_is_long_nothing_to_do_no_connection_is_kept(loop: Loop) -> None:
    """However often the round is asked meanwhile."""
    one, two = letters(2)
    patience = Patience(idle=0.1)
    with smtp_server() as server:
        done = carry(server, FakeRound.of([one, *[0.03] * 15, two]), patience, loop=loop)
    assert done.codes() == {250: 2}
    assert server.connections == 2
    assert server.commands.count("QUIT") == 2


@pytest.mark.parametrize("error", [FencedError("taken over"), ValueError("x")])
def test_an_error_of_the_round_ends_all_at_once(
    manners: Manners, error: Exception, loop: Loop
) -> None:
    def fail(given: FakeRound) -> None:
        if given.commits == 5:
            raise error

    given = FakeRound.of(letters(50), on_commit=fail)
    with smtp_server(manners=manners) as server, pytest.raises(type(error)) as caught:
        carry(server, given, loop=loop)
    assert caught.value is error
    assert given.commits == 5
    assert len(server.taken) < 50


@dataclass
class Locked(FakeRound):
    """A round whose commits fail, from the given one on, so many times."""

    first: int = 0
    times: int = 0
    asked: int = 0
    failures: int = 0

    def next(self) -> Letter | float | None:
        self.asked += 1
        return super().next()

    def commit(self, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
        if self.commits >= self.first and self.failures < self.times:
            self.failures += 1
            self.asked = 0
            raise StoreError(f"locked {self.failures}")
        assert not self.failures or self.commits > self.first or not self.asked
        super().commit(begun, done)


@pytest.mark.parametrize("first", [0, 1, 7])
def test_a_store_that_is_locked_for_a_while_loses_no_reply(manners: Manners, first: int) -> None:
    given = Locked.of(letters(30))
    given.first, given.times = first, 3
    with smtp_server(manners=manners) as server:
        carry(server, given)
    assert given.codes() == {250: 30}
    assert sorted(server.taken) == sorted({one.recipient for one in letters(30)})
    assert given.failures == 3


@pytest.mark.parametrize("after", [None, FencedError("it was kept the first time")])
def test_a_store_that_stays_locked_ends_all_with_its_first_words(
    manners: Manners, monkeypatch: pytest.MonkeyPatch, after: Exception | None
) -> None:
    given = Locked.of(letters(30))
    given.first, given.times = 7, 1 if after else 99

    def fenced(*_: object) -> None:
        if given.failures:
            raise FencedError("taken over")

    if after:
        monkeypatch.setattr(FakeRound, "commit", _before(fenced, FakeRound.commit))
    with smtp_server(manners=manners) as server, pytest.raises(StoreError, match="locked 1"):
        carry(server, given)
    assert given.failures == (1 if after else 4)
    assert len(server.taken) < 30


def _before(first: Callable[..., object], then: Callable[..., None]) -> Callable[..., None]:
    def both(*arguments: object) -> None:
        first()
        then(*arguments)

    return both


def test_replies_are_kept_where_the_round_cannot_say_what_is_next(manners: Manners) -> None:
    class Broken(FakeRound):
        def next(self) -> Letter | float | None:
            if len(self.replies) > 5:
                raise StoreError("gone")
            return super().next()

    given = Broken.of(letters(30))
    with smtp_server(manners=manners) as server, pytest.raises(StoreError, match="gone"):
        carry(server, given)
    assert 5 < len(server.taken) < 30
    assert len(given.replies) == len(server.taken)
    assert not given.out


def test_ascii_is_enough_for_domains_and_not_for_names() -> None:
    given = [letter(1, "info@bücher.example"), letter(2, "müller@bücher.example"), letter(3)]
    with smtp_server(manners=Manners(utf8=False)) as server:
        done = carry(server, FakeRound.of(given))
    assert sorted(server.taken) == ["info@xn--bcher-kva.example", "reader3@example.org"]
    assert (done.replies[2].code, done.replies[2].status) == (553, "5.6.7")
    with smtp_server() as server:
        carry(server, FakeRound.of(given))
    assert "müller@xn--bcher-kva.example" in server.taken


def test_a_letter_too_large_for_the_server_never_leaves() -> None:
    with smtp_server(manners=Manners(size=1000)) as server:
        done = carry(server, FakeRound.of([letter(1, size=2000), *letters(1)[1:], letter(2)]))
    assert server.taken == ["reader2@example.org"]
    assert (done.replies[1].stage, done.replies[1].code) == (Stage.SENDER, 552)
    assert any(command.endswith(f"SIZE={len(letter(2).data)}") for command in server.commands)


def test_letters_refused_here_are_committed_one_by_one() -> None:
    """Otherwise a round could not stop before all are refused."""

    def stop(given: FakeRound) -> None:
        given.waiting.clear()

    with smtp_server(manners=Manners(size=1000)) as server:
        done = carry(server, FakeRound.of(letters(100, size=2000), on_commit=stop))
    assert len(done.replies) < CONNECTIONS + 2


def test_a_server_of_long_ago_is_spoken_to_as_such() -> None:
    with smtp_server(manners=Manners(esmtp=False, pipelining=False)) as server:
        done = carry(server, FakeRound.of(letters(3)))
    assert done.codes() == {250: 3}
    assert any(command.startswith("HELO") for command in server.commands)


def test_who_is_interrupted_does_not_wait_for_ever() -> None:
    """The letter that is on its way stays uncertain."""

    def interrupt(given: FakeRound) -> None:
        if given.commits == 1:
            signal.raise_signal(signal.SIGINT)

    given = FakeRound.of(letters(9), on_commit=interrupt)
    patience = Patience(interrupted=0.1)
    with smtp_server(Fault("stall-after-data")) as server, pytest.raises(KeyboardInterrupt):
        carry(server, given, patience)
    assert not given.out
    assert given.replies.keys() == {1}
    assert (given.replies[1].stage, given.replies[1].code) == (Stage.CONTENT, 0)


def in_a_child(server: MailServer, body: str) -> subprocess.Popen[str]:
    """A process that carries 1,000 letters, and says how it ended."""
    program = f"""
import sys
from pipeline.mail.server_url import MailServer as Target
from pipeline.mail.server_url import parse_server_url
from pipeline.mail.smtp import SmtpCarrier
from tests.rounds import FakeRound, letters

given = FakeRound.of(letters(1000))
try:
    SmtpCarrier(parse_server_url({server.url!r}), {CONNECTIONS}).carry(given)
finally:
    {body}
"""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-X", "dev", "-c", program],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_who_is_interrupted_waits_for_the_replies(manners: Manners, end: signal.Signals) -> None:
    report = "print(len(given.out), sorted(given.uncertain), sorted(given.replies))"
    with smtp_server(Fault("slow", seconds=0.02), manners=manners) as server:
        with in_a_child(server, report) as child:
            wait_for(lambda: len(server.taken) > 10)
            child.send_signal(end)
            said, trouble = child.communicate(timeout=20)
        assert trouble.rstrip().endswith("KeyboardInterrupt")
        out, uncertain, replied = said.split(" ", 1)[0], *said.split(" ", 1)[1].split("] [")
        assert (out, uncertain) == ("0", "[")
        numbers = [int(number) for number in replied.rstrip("]\n").split(",")]
        assert sorted(server.taken) == sorted(f"reader{number}@example.org" for number in numbers)
        assert len(numbers) < 1000


def test_who_is_killed_leaves_no_more_uncertain_than_connections(tmp_path: Path) -> None:
    with smtp_server(Fault("slow", seconds=0.01), log=tmp_path / "log") as server:
        with in_a_child(server, "pass") as child:
            wait_for(lambda: len(server.taken) > 20)
            child.kill()
            child.communicate(timeout=20)
        assert 20 < len(server.taken) < 1000
    logged = (tmp_path / "log").read_text().splitlines()
    assert len(logged) == len(server.taken)


def wait_for(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not there():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_the_server_is_a_program_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "tests.smtp_server", "--log", str(log), "--pipelining"]
    command += ["--fault", "refuse:every=2"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            port = int(child.stdout.readline())
            done = carry(MailServer(port=port), FakeRound.of(letters(4)))
        finally:
            child.kill()
    assert done.codes() == {250: 2, 550: 2}
    assert len(log.read_text().splitlines()) == 2
