"""What goes into the API and what comes out of it, as JSON; the API's document is made of these."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError

from pipeline.core.run import Flow, Origin, RunState  # noqa: TC001  # pydantic reads the types

if TYPE_CHECKING:
    from pipeline.core.run import Run

KEY_MOST = 100
RUNS = 20
RUNS_MOST = 100
"""Runs in one list."""
TITLE_MOST = 200

_UNSEEN = (
    r"\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
)
ONE_LINE = rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*$"
"""Something to read, and nothing that ends a line, turns it round or that nobody can see.

What joins letters or keeps them apart (U+200C, U+200D) belongs to words of several scripts.
"""

_LEAP = (
    r"19(?:7[26]|8[048]|9[26])|20(?:[02468][048]|[13579][26])|21(?:0[48]|[2468][048]|[13579][26])"
)
DAY = (
    r"^(?:(?:19[7-9]|20[0-9]|21[0-9])[0-9]-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    rf"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|(?:{_LEAP})-02-29)$"
)
"""The days from 1970 to 2199, each of which there is."""


def _day(text: str) -> str:
    if not re.fullmatch(DAY[1:-1], text):
        raise PydanticCustomError("day", "expected a day such as 2017-07-12, from 1970 to 2199")
    return text


Key = Annotated[str, StringConstraints(min_length=1, max_length=KEY_MOST)]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_MOST, pattern=ONE_LINE),
]
Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"pattern": DAY})]


class IssueWish(BaseModel):
    """Which issue to draft; what 'enews issue build' takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    newsletter: Key | None = Field(None, description="Its key; not needed where there is one only.")
    on: Day | None = Field(None, description="The day that the issue is of; default: today.")
    special: Title | None = Field(None, description="The title of a special issue, without number.")
    new: StrictBool = Field(default=False, description="One more in the same period.")
    refresh: StrictBool = Field(default=False, description="Offer what is new to a draft.")


class BuildWish(BaseModel):
    """Nothing to choose yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RunsWish(BaseModel):
    """Which runs to list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flow: Flow | None = None
    limit: int = Field(RUNS, ge=1, le=RUNS_MOST)


class RunLinks(BaseModel):
    """Where to go on from a run; paths on this host."""

    self: str
    events: str


class RunShape(BaseModel):
    """One execution of one flow. Times are in UTC."""

    id: int
    flow: Flow
    subject: str = Field(description="The key of a newsletter or the id of an issue; may be empty.")
    state: RunState
    reason: str = Field(description="The outcome in a sentence.")
    progress: str = Field(description="The last line that it said while running.")
    origin: Origin
    due: datetime
    created: datetime
    began: datetime | None
    ended: datetime | None
    asked: dict[str, Any] = Field(description="The wishes of who asked.")
    found: dict[str, Any] = Field(description="Figures of the outcome.")
    links: RunLinks


class RunsShape(BaseModel):
    """Runs, newest first."""

    runs: list[RunShape]


class ProblemShape(BaseModel):
    """Problem details (RFC 9457); `errors` says why a request is not as described here."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str


class HookShape(BaseModel):
    """What came of a forge's message: its run, or why there is none."""

    detail: str
    run: RunShape | None = None


def shape_of(run: Run, root: str) -> RunShape:
    """A run for who asks; `root` is the path that the newsroom is at, "" for the host's root."""
    place = f"{root}{run_path(run.id)}"
    return RunShape(
        id=run.id,
        flow=run.flow,
        subject=run.subject,
        state=run.state,
        reason=run.reason,
        progress=run.progress,
        origin=run.origin,
        due=run.due.astimezone(UTC),
        created=run.created.astimezone(UTC),
        began=run.began.astimezone(UTC) if run.began else None,
        ended=run.ended.astimezone(UTC) if run.ended else None,
        asked=dict(run.asked),
        found=dict(run.found),
        links=RunLinks(self=place, events=f"{place}/events"),
    )


def run_path(run: int) -> str:
    """Where a run is, below the newsroom's root."""
    return f"/api/v1/runs/{run}"
