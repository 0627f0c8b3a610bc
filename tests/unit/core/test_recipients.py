"""Who gets a mailing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.recipients import LeftOut, Wanted, audience, left_out, recipients, themes_of
from pipeline.core.subscriber import Subscriber, SubscriberState

ADA = Subscriber(
    id=1,
    address="ada@example.org",
    newsletters=frozenset({"weekly"}),
    state=SubscriberState.ACTIVE,
    since=datetime(2017, 1, 1, tzinfo=UTC),
)
WANTED = Wanted(newsletter="weekly", languages=("en", "fr"))
TOPICAL = Wanted(newsletter="weekly", languages=("en",), themes=frozenset({"care"}))
DAY = datetime(2017, 7, 12, tzinfo=UTC)
DATED = replace(WANTED, at=DAY)


@pytest.mark.parametrize(
    ("subscriber", "wanted", "expected"),
    [
        (ADA, WANTED, None),
        (replace(ADA, state=SubscriberState.PENDING), WANTED, LeftOut.PENDING),
        (replace(ADA, state=SubscriberState.UNSUBSCRIBED), WANTED, LeftOut.UNSUBSCRIBED),
        (replace(ADA, state=SubscriberState.SUPPRESSED), WANTED, LeftOut.SUPPRESSED),
        (replace(ADA, newsletters=frozenset({"other"})), WANTED, LeftOut.OTHERS),
        (
            replace(ADA, newsletters=frozenset(), asked=frozenset({"weekly"})),
            WANTED,
            LeftOut.PENDING,
        ),
        (replace(ADA, topics=frozenset({"peace"})), WANTED, None),
        (replace(ADA, topics=frozenset({"peace"})), TOPICAL, LeftOut.TOPICS),
        (replace(ADA, topics=frozenset({"peace", "care"})), TOPICAL, None),
        (ADA, TOPICAL, None),
        (ADA, DATED, None),
        (replace(ADA, quiet_until=DAY + timedelta(seconds=1)), DATED, LeftOut.PAUSE),
        (replace(ADA, quiet_until=DAY), DATED, None),
        (replace(ADA, quiet_until=DAY + timedelta(days=1)), WANTED, None),
        (
            replace(ADA, quiet_until=DAY + timedelta(days=1), newsletters=frozenset({"other"})),
            DATED,
            LeftOut.OTHERS,
        ),
    ],
)
def test_left_out(subscriber: Subscriber, wanted: Wanted, expected: LeftOut | None) -> None:
    assert left_out(subscriber, wanted) is expected


def test_the_audience_is_counted_by_language_domain_and_reason() -> None:
    people = [
        ADA,
        replace(ADA, id=2, address="b@example.com", language="fr-CA"),
        replace(ADA, id=3, address="c@example.com", language="de"),
        *(
            replace(ADA, id=n, address=f"{n}@example.net", state=SubscriberState.UNSUBSCRIBED)
            for n in range(10, 20)
        ),
    ]
    found = audience(people, WANTED)
    assert found.total == 3
    assert found.languages == {"en": 2, "fr": 1}
    assert found.domains == {"example.org": 1, "example.com": 2}
    assert found.left_out == {LeftOut.UNSUBSCRIBED: 10}
    assert found.examples == {LeftOut.UNSUBSCRIBED: [f"{n}@example.net" for n in range(10, 15)]}
    assert list(recipients(people, WANTED)) == [1, 2, 3]


def test_themes_of_an_issue_are_those_of_any_of_its_items() -> None:
    known = {"a": ["care"], "b": ["peace", "care"], "z": ["war"]}
    assert themes_of(["a", "b", "gone"], known) == {"care", "peace"}
