"""The moves of a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.run import (
    FINAL,
    TRIES_MOST,
    Flow,
    Origin,
    Run,
    RunState,
    begun,
    ended,
    orphaned,
    unbegun,
)

NOW = datetime(2017, 7, 12, 9, tzinfo=UTC)
RUN = Run(flow=Flow.BUILD, slot="a", origin=Origin.CLOCK, due=NOW, created=NOW)


@pytest.mark.parametrize("state", RunState)
def test_what_is_final_is_over(state: RunState) -> None:
    assert replace(RUN, state=state).is_over is (state in FINAL)


def test_it_is_begun_and_put_back_as_it_was() -> None:
    at_it = begun(replace(RUN, progress="of the last try", tries=1), NOW)
    assert (at_it.state, at_it.began, at_it.tries, at_it.progress) == ("running", NOW, 2, "")
    assert unbegun(begun(RUN, NOW)) == RUN


def test_its_outcome_is_kept() -> None:
    over = ended(begun(RUN, NOW), RunState.DONE, "3 pages", {"pages": 3}, NOW)
    assert (over.state, over.reason, over.found, over.ended) == (
        "done",
        "3 pages",
        {"pages": 3},
        NOW,
    )


@pytest.mark.parametrize("tries", range(1, TRIES_MOST + 2))
def test_a_death_is_forgiven_but_for_the_last(tries: int) -> None:
    at_it = replace(begun(RUN, NOW), tries=tries, progress="page 3")
    found = orphaned(at_it, NOW + timedelta(hours=1))
    assert (found.tries, found.progress) == (tries, "page 3")
    if tries < TRIES_MOST:
        assert (found.state, found.began, found.ended) == (RunState.QUEUED, None, None)
    else:
        assert (found.state, found.ended) == (RunState.FAILED, NOW + timedelta(hours=1))
        assert f"died {tries} times" in found.reason
