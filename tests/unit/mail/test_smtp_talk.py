"""One connection's conversation, byte by byte, against a transport by hand."""

from __future__ import annotations

from math import inf

import pytest

from pipeline.core.reply import Stage
from pipeline.mail.envelope import Offers
from tests.rounds import letter
from tests.smtp_scene import ENVELOPE, READY, Scene


def test_a_letter_and_the_next_envelope_are_one_round_trip() -> None:
    scene = Scene(2)
    assert scene.wire.said() == ENVELOPE % 1
    assert scene.hear(READY) == ["begin 1"]
    assert scene.wire.said() == b""
    scene.talk.send()
    assert scene.wire.said() == scene.letters[0].data + b".\r\n" + ENVELOPE % 2
    assert scene.hear(b"250 taken\r\n" + READY) == [(1, Stage.CONTENT, 250), "begin 2"]
    scene.talk.send()
    assert scene.wire.said() == scene.letters[1].data + b".\r\n"
    assert scene.hear(b"250 taken\r\n") == [(2, Stage.CONTENT, 250), "idle"]
    assert scene.talk.answered == 2


def test_without_pipelining_each_command_waits() -> None:
    scene = Scene(2, Offers())
    commands = (ENVELOPE % 1).splitlines(keepends=True)
    for command, reply in zip(commands, READY.splitlines(keepends=True), strict=True):
        assert scene.wire.said() == command
        events = scene.hear(reply)
    assert events == ["begin 1"]
    scene.talk.send()
    assert scene.wire.said() == scene.letters[0].data + b".\r\n"
    assert scene.hear(b"250 taken\r\n") == [(1, Stage.CONTENT, 250)]
    assert scene.wire.said() == commands[0]


def test_a_message_without_a_line_end_gets_one() -> None:
    scene = Scene(0)
    scene.desk.told()
    scene.talk.start(letter(1))
    assert scene.talk.opened is not None
    object.__setattr__(scene.talk.opened, "pieces", (b"no end", b""))
    scene.hear(READY)
    scene.wire.said()
    scene.talk.send()
    assert scene.wire.said() == b"no end\r\n.\r\n"


@pytest.mark.parametrize(
    ("replies", "event"),
    [
        (b"250 ok\r\n550 nobody\r\n554 no recipients\r\n", (1, Stage.RECIPIENT, 550)),
        (b"550 not you\r\n503 MAIL first\r\n503 RCPT first\r\n", (1, Stage.SENDER, 550)),
        (b"250 ok\r\n250 ok\r\n451 not now\r\n", (1, Stage.DATA, 451)),
        (b"452 full\r\n250 ok\r\n451 not now\r\n", (1, Stage.SENDER, 452)),
    ],
)
def test_a_refused_letter_never_leaves_and_the_next_starts_anew(
    replies: bytes, event: object
) -> None:
    scene = Scene(2)
    scene.wire.said()
    assert scene.hear(replies) == [event]
    assert scene.wire.said() == b"RSET\r\n" + ENVELOPE % 2
    assert scene.hear(b"250 reset\r\n" + READY) == ["begin 2"]


def test_without_pipelining_a_refusal_takes_the_envelope_back() -> None:
    scene = Scene(2, Offers())
    scene.hear(b"250 ok\r\n")
    scene.wire.said()
    assert scene.hear(b"550 nobody\r\n") == [(1, Stage.RECIPIENT, 550)]
    assert scene.wire.said() == b"RSET\r\n"
    scene.hear(b"250 reset\r\n")
    assert scene.wire.said() == (ENVELOPE % 2).splitlines(keepends=True)[0]


def test_data_that_is_taken_for_nobody_gets_a_dot_and_no_letter() -> None:
    scene = Scene(2)
    scene.wire.said()
    assert scene.hear(b"250 ok\r\n550 nobody\r\n354 go\r\n") == [(1, Stage.RECIPIENT, 550)]
    assert scene.wire.said() == b".\r\n" + ENVELOPE % 2
    assert scene.hear(b"554 nobody to give it to\r\n" + READY) == ["begin 2"]


def test_a_letter_that_the_server_cannot_take_is_refused_here() -> None:
    scene = Scene(0, Offers(pipelining=True, size=10))
    scene.desk.told()
    scene.talk.start(letter(1))
    assert scene.desk.told() == [(1, Stage.SENDER, 552), "idle"]
    assert scene.wire.said() == b""


def test_a_connection_lost_after_the_dot_leaves_a_letter_uncertain() -> None:
    scene = Scene(2)
    scene.in_content()
    assert scene.lose() == [(1, Stage.CONTENT, 0), "put back 2", "ended"]


def test_a_connection_lost_before_the_dot_took_nothing() -> None:
    scene = Scene(2)
    scene.hear(READY)
    scene.wire.said()
    scene.wire.room = 10
    scene.talk.send()
    assert scene.wire.said() == scene.letters[0].data
    assert scene.lose(ConnectionResetError()) == [(1, Stage.DATA, 0), "put back 2", "ended"]


def test_the_dot_follows_when_the_letter_has_left() -> None:
    scene = Scene(2)
    scene.hear(READY)
    scene.wire.room = 10
    scene.talk.send()
    scene.wire.said()
    scene.wire.all_left()
    assert scene.wire.said() == b".\r\n" + ENVELOPE % 2
    assert scene.lose() == [(1, Stage.CONTENT, 0), "put back 2", "ended"]


def test_a_dot_that_went_with_its_letter_may_have_arrived() -> None:
    """Once as much has left in one piece, the dot goes along: then nobody knows what has left."""
    scene = Scene(2)
    scene.in_content()
    scene.hear(b"250 taken\r\n" + READY)
    scene.wire.room = 10
    scene.talk.send()
    assert scene.lose() == [(2, Stage.CONTENT, 0), "ended"]


def test_a_connection_that_is_gone_by_the_commit_took_nothing() -> None:
    scene = Scene(1)
    scene.hear(READY)
    scene.wire.said()
    scene.wire.closed = True
    scene.talk.send()
    assert scene.wire.said() == b""
    assert scene.lose() == [(1, Stage.DATA, 0), "ended"]


def test_a_connection_lost_before_the_commit_begins_nothing() -> None:
    scene = Scene(1)
    scene.hear(READY)
    assert scene.lose() == ["withdraw", "put back 1", "ended"]


@pytest.mark.parametrize(
    ("replies", "stage"),
    [(b"", Stage.SENDER), (b"250 ok\r\n", Stage.RECIPIENT), (b"250 ok\r\n250 ok\r\n", Stage.DATA)],
)
def test_a_letter_whose_envelope_ends_a_connection_is_named(replies: bytes, stage: Stage) -> None:
    scene = Scene(1)
    if replies:
        scene.hear(replies)
    assert scene.lose() == [f"lost 1 at {stage}", "ended"]


def test_a_refusal_that_came_before_the_end_counts() -> None:
    scene = Scene(1)
    scene.hear(b"250 ok\r\n550 nobody\r\n")
    assert scene.lose() == [(1, Stage.RECIPIENT, 550), "ended"]


@pytest.mark.parametrize(
    ("replies", "events"),
    [
        (b"421 bye\r\n", [(1, Stage.SENDER, 421)]),
        (b"250 ok\r\n421 bye\r\n", [(1, Stage.RECIPIENT, 421)]),
        (b"250 ok\r\n550 nobody\r\n421 bye\r\n", [(1, Stage.RECIPIENT, 550)]),
    ],
)
def test_421_is_the_last_word(replies: bytes, events: list[object]) -> None:
    scene = Scene(2)
    assert scene.hear(replies) == events
    assert scene.wire.closed
    assert scene.lose() == ["ended"]
    assert scene.talk.dismissed


def test_421_to_a_letter_is_its_reply() -> None:
    scene = Scene(2)
    scene.in_content()
    assert scene.hear(b"421 bye\r\n") == [(1, Stage.CONTENT, 421), "put back 2"]
    assert scene.talk.dismissed


def test_a_connection_that_carried_enough_blames_nobody() -> None:
    scene = Scene(2)
    scene.in_content()
    events = scene.hear(b"250 taken\r\n421 enough\r\n")
    assert events == [(1, Stage.CONTENT, 250), "put back 2"]
    assert not scene.talk.dismissed


@pytest.mark.parametrize("reply", [b"what?\r\n", b"354 go\r\n"])
def test_a_server_that_lost_the_thread_is_left(reply: bytes) -> None:
    scene = Scene(2)
    scene.in_content()
    assert scene.hear(reply) == []
    assert scene.wire.closed
    assert scene.lose() == [(1, Stage.CONTENT, 0), "put back 2", "ended"]


@pytest.mark.parametrize("replies", [b"354 go\r\n", b"250 ok\r\n250 ok\r\n250 ok\r\n"])
def test_replies_that_do_not_fit_their_commands_end_it(replies: bytes) -> None:
    scene = Scene(1)
    assert scene.hear(replies) == []
    assert scene.wire.closed


def test_a_reply_that_nobody_waited_for_ends_it() -> None:
    scene = Scene(1)
    assert scene.hear(READY + b"250 and more\r\n") == ["begin 1"]
    assert scene.wire.closed
    assert scene.lose() == ["withdraw", "put back 1", "ended"]


@pytest.mark.parametrize(
    ("reply", "event"),
    [(b"552 too much\r\n", (1, Stage.CONTENT, 552)), (b"250 taken\r\n", None)],
)
def test_a_reply_before_the_letters_end_ends_it(reply: bytes, event: object) -> None:
    scene = Scene(2)
    scene.hear(READY)
    scene.wire.room = 10
    scene.talk.send()
    events = scene.hear(reply) + scene.lose()
    assert scene.wire.closed
    expected = event or (1, Stage.DATA, 0)
    assert events == [expected, "put back 2", "ended"]


def test_a_connection_waits_for_each_reply_as_long_as_the_standard_asks() -> None:
    scene = Scene(1)
    assert scene.talk.deadline == 300
    scene.hear(b"250 ok\r\n250 ok\r\n")
    assert scene.talk.deadline == 120
    scene.hear(b"354 go\r\n")
    assert scene.talk.deadline == inf
    scene.talk.send()
    assert scene.talk.deadline == 600
    scene.talk.watch(599)
    assert not scene.wire.closed
    scene.talk.watch(600)
    assert scene.wire.closed


def test_a_reply_in_drops_has_no_more_time_than_a_whole_one() -> None:
    scene = Scene(2)
    scene.in_content()
    scene.hear(b"250-tak")
    deadline = scene.talk.deadline
    scene.desk.time += 500
    scene.hear(b"en\r\n250-by\r\n25")
    assert scene.talk.deadline == deadline
    scene.desk.time += 101
    scene.talk.watch(scene.desk.time)
    assert scene.wire.closed
    assert scene.lose()[0] == (1, Stage.CONTENT, 0)


def test_a_slow_letter_is_waited_for_as_long_as_it_moves() -> None:
    scene = Scene(1)
    scene.hear(READY)
    scene.wire.room = 10
    scene.talk.send()
    assert scene.talk.deadline == 180
    scene.wire.left -= 1
    scene.talk.watch(180)
    assert not scene.wire.closed
    scene.talk.watch(360)
    assert scene.wire.closed


def test_an_interrupted_connection_waits_for_the_letter_on_its_way() -> None:
    scene = Scene(2)
    scene.in_content()
    scene.talk.abandon()
    assert scene.desk.told() == ["put back 2"]
    assert not scene.wire.closed
    assert scene.hear(b"250 taken\r\n" + READY) == [(1, Stage.CONTENT, 250)]
    assert scene.wire.closed
    assert scene.wire.said() == b""


def test_an_interrupted_letter_ends_with_its_dot_alone() -> None:
    scene = Scene(2)
    scene.hear(READY)
    scene.wire.room = 10
    scene.talk.send()
    scene.talk.abandon()
    scene.wire.said()
    scene.wire.all_left()
    assert scene.wire.said() == b".\r\n"


def test_an_interrupted_connection_with_nothing_on_its_way_ends() -> None:
    scene = Scene(1)
    scene.hear(READY)
    scene.talk.abandon()
    assert scene.desk.told() == ["withdraw", "put back 1"]
    assert scene.wire.closed


def test_a_connection_says_good_bye() -> None:
    scene = Scene(0)
    scene.talk.quit()
    assert scene.wire.said() == b"QUIT\r\n"
    scene.hear(b"221 bye\r\n")
    assert scene.wire.closed


def test_a_server_that_hangs_up_gets_nothing_more() -> None:
    scene = Scene(1)
    assert scene.talk.eof_received() is False
    assert scene.wire.closed


def test_a_letter_in_pieces_leaves_as_it_is() -> None:
    scene = Scene(1)
    scene.hear(READY)
    scene.wire.said()
    opened = scene.talk.opened
    assert opened is not None
    object.__setattr__(opened, "pieces", (b"A: b\r\n", b"", b"\r", b"\n", b"..text\r", b"\n"))
    scene.talk.send()
    assert scene.wire.said() == b"A: b\r\n\r\n..text\r\n.\r\n"
