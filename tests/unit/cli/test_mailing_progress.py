"""The line of a mailing that runs: what it says, that it fits, and how often it looks."""

import pytest

from pipeline.cli.mailing_progress import Watching, duration, progress_line, rate_words
from pipeline.core.delivery import Tally

BUSY = Tally(queued=1_234_000, sending=8, sent=765_432, deferred=1_200, failed=3_456, uncertain=12)
WAITS = "waits for 1,200 until 2017-06-30 16:17 CEST"


def line(tally: Tally, *, speed: float = 0.0, waits: str = "", width: int = 79) -> str:
    return progress_line("letter/2017-06", tally, speed, waits, width=width, done="sent")


def test_it_says_how_many_how_fast_and_how_long_still() -> None:
    tally = Tally(queued=1_200, sent=785, failed=4, uncertain=2)
    assert line(tally, speed=10, width=200) == (
        "[###############-----------------------] letter/2017-06 · 40% · 785 of 1,991 sent · "
        "4 failed · 2 uncertain · 10/s · about 2 min left"
    )


def test_a_line_of_its_own_stands_below_the_one_that_moves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said: list[str] = []
    look = lambda: (Tally(queued=1), "")  # noqa: E731
    with Watching("letter/2017-06", look, shown=True, said=said.append) as watching:
        capsys.readouterr()
        watching.say("Waiting")
        assert capsys.readouterr().err == "\n"
        watching.say("Waiting")
        assert capsys.readouterr().err == ""
    assert said == ["Waiting"] * 2


@pytest.mark.parametrize("width", range(1, 140))
@pytest.mark.parametrize("waits", ["", WAITS])
def test_it_never_wraps(width: int, waits: str) -> None:
    assert 0 < len(line(BUSY, speed=321.0, waits=waits, width=width)) <= width


def test_the_bar_gives_way_before_the_words() -> None:
    small = Tally(queued=600, sent=391, deferred=9)
    wide, narrow, least = (line(small, speed=5, width=width) for width in (120, 92, 60))
    assert wide.index("]") > narrow.index("]") > 0
    assert "letter/2017-06" in narrow
    assert "[" not in least
    assert "391 of 1,000 sent · 9 deferred" in least
    assert "about 2 min left" in least


def test_where_it_waits_there_is_no_speed() -> None:
    tally = Tally(sent=7, deferred=3)
    assert line(tally, speed=3, waits="waits for 3 until 16:17 CEST").endswith(
        "70% · 7 of 10 sent · 3 deferred · waits for 3 until 16:17 CEST"
    )


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.1, "1 s"), (40, "40 s"), (100, "2 min"), (7300, "2 h")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_few_are_counted_by_the_minute() -> None:
    assert (rate_words(0.2), rate_words(1500)) == ("12/min", "1,500/s")


class Scene:
    """A ledger whose tally moves by ten a second, and a clock by hand."""

    def __init__(self, *, cost: float = 0.0) -> None:
        self.now = 100.0
        self.looks = 0
        self._cost = cost

    def clock(self) -> float:
        return self.now

    def look(self) -> tuple[Tally, str]:
        self.looks += 1
        self.now += self._cost
        sent = 500 + int(10 * (self.now - 100))
        return Tally(queued=1000 - sent, sent=sent), ""


def test_it_looks_once_a_second_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    scene = Scene()
    with Watching("letter/2017-06", scene.look, shown=True, clock=scene.clock) as watching:
        for _ in range(1000):
            scene.now += 0.01
            watching()
        assert 10 <= scene.looks <= 11
    err = capsys.readouterr().err
    drawn = err.split("\r")
    assert "500 of 1,000 sent" in drawn[1]
    # The speed of now, not that of all that was sent before it was looked at.
    assert "600 of 1,000 sent · 10/s · about 40 s left" in drawn[-1]
    assert err.endswith("\n")
    assert all(len(text.rstrip("\n")) <= 79 for text in drawn)


def test_what_is_dear_is_looked_at_less_often() -> None:
    scene = Scene(cost=0.5)
    with Watching("letter/2017-06", scene.look, shown=True, clock=scene.clock) as watching:
        for _ in range(90):
            scene.now += 0.1
            watching()
        assert scene.looks == 1


def test_elsewhere_it_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    scene = Scene()
    with Watching("letter/2017-06", scene.look, shown=False, clock=scene.clock) as watching:
        scene.now += 5
        watching()
    assert scene.looks == 0
    assert capsys.readouterr().err == ""
