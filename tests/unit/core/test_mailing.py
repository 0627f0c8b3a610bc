"""Whether a mailing may go on."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.mailing import MOVES, Mailing, MailingState, may_go_on

BEGAN = datetime(2017, 6, 29, 9, tzinfo=UTC)
MAILING = Mailing(
    id=1,
    issue="enewsupdate/2017-05",
    newsletter="enewsupdate",
    digest="ab" * 32,
    state=MailingState.RUNNING,
    created=BEGAN,
    begins=BEGAN,
    since=BEGAN,
    steps=4,
)


@pytest.mark.parametrize(
    ("digest", "token", "hours", "late", "said"),
    [
        ("ab" * 32, 4, 71, False, ""),
        ("ab" * 32, 0, 1, False, ""),
        ("ab" * 32, 3, 1, False, ""),
        ("ab" * 32, 5, 1, False, "has counted 4 steps of enewsupdate/2017-05, and 5 were made"),
        ("ab" * 32, 5, 1, True, ""),
        ("ab" * 32, 4, 73, False, "began 3 days ago, and the newsroom's limit is 72 hours"),
        ("ab" * 32, 4, 73, True, ""),
        ("cd" * 32, 4, 1, False, "was released anew since this mailing began"),
        ("cd" * 32, 5, 1, False, "has counted 4 steps"),
        ("cd" * 32, 4, 1, True, ""),
    ],
)
def test_a_restored_copy_an_old_mailing_and_another_release_do_not_go_on(
    digest: str, token: int, hours: int, late: bool, said: str
) -> None:
    at = BEGAN + timedelta(hours=hours)
    found = may_go_on(MAILING, digest, token=token, at=at, hours=72, late=late)
    assert said in found
    assert bool(said) == bool(found)


def test_every_state_has_its_transitions_and_cancelled_has_none() -> None:
    assert set(MOVES) == set(MailingState)
    assert not MOVES[MailingState.CANCELLED]
    assert all(
        MailingState.CANCELLED in after
        for state, after in MOVES.items()
        if after and state is not MailingState.FINISHED
    )
