"""A released issue, and the same one released anew, as `flows.mailing` gets them."""

from dataclasses import replace
from datetime import date

from pipeline.core.cadence import parse_cadence
from pipeline.core.issue import Lock
from pipeline.core.newsroom import Newsletter
from pipeline.core.recipients import Wanted
from pipeline.core.sending import Sending
from pipeline.flows.mailing import Released
from tests.feed_site import NEWSROOM
from tests.post_desk import BEGAN, ISSUE

LETTER = Newsletter(
    key="weekly",
    title="Weekly",
    sender="News <news@example.org>",
    postal_address="1 Road",
    cadence=parse_cadence("every monday 09:00"),
)
LOCK = Lock(
    id=ISSUE,
    newsletter="weekly",
    number=5,
    date=date(2017, 6, 29),
    at=BEGAN,
    title="Weekly No. 5",
    subject="Weekly No. 5",
    preheader="",
    summary="",
    items=(),
    digest="ab" * 32,
    html_digest="",
    text_digest="",
    lang="en",
)
RELEASED = Released(
    lock=LOCK,
    newsroom=replace(NEWSROOM, sending=Sending(late_hours=24)),
    newsletter=LETTER,
    messages={"en": b""},
    wanted=Wanted(newsletter="weekly", languages=("en",)),
)
NEWER = replace(RELEASED, lock=replace(LOCK, digest="cd" * 32))
