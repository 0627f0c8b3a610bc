"""Does one run: calls the flow that it names, and says what came of it, and what follows from it.

::

    pull ─▶ build ─▶ send (every issue that was released since)
    draft ─▶ release (where the newsroom says so) ─▶ send
    bounces   cleanup   backup
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pipeline.core.network import is_public
from pipeline.core.outgoing import LOOKS, looked, sends
from pipeline.core.planning import MENDED, again
from pipeline.core.run import Flow, Origin, Run, RunState
from pipeline.errors import EnewsError, GateError, LockedError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.core.newsroom import Newsletter, Newsroom
    from pipeline.flows.assemble import Built
    from pipeline.flows.workshop import Workshop
    from pipeline.ports.building import Changes
    from pipeline.postroom import Postroom
    from pipeline.store.opening import Store

REASON_MOST = 2000
"""Characters of an outcome in the ledger; what is longer is on the screen of 'enews check'."""

SENDS_MOST = 100_000
"""More issues than a newsletter has."""

RECENT = 500
"""Runs in which one is looked for that content may have mended."""

KEPT_FOR = timedelta(days=60)
"""How long runs and notices stay that nobody needs any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run: its state, a sentence, figures, and the runs that follow from it."""

    state: RunState = RunState.DONE
    reason: str
    found: Mapping[str, object] = field(default_factory=dict)
    follows: tuple[Run, ...] = ()


class Runner:
    """Does runs, one at a time, in the main thread; `say` hears a line of each step."""

    def __init__(
        self,
        post: Postroom,
        store: Store,
        *,
        place: str,
        say: Callable[[Run, str], None],
        allows: Callable[[str], bool] = is_public,
    ) -> None:
        """`allows` says to which numbers a hub may be at."""
        self._allows = allows
        self._untold: tuple[str, ...] = ()  # feeds that the hub has not heard of yet
        self._post = post
        self._app = post.app
        self._store = store
        self._place = place
        self._say = say

    def do(self, run: Run) -> Outcome:
        """Do it. What goes wrong is its outcome; raises only StoreError, and what is no error."""
        does = {
            Flow.PULL: self._pull,
            Flow.BUILD: self._build,
            Flow.DRAFT: self._draft,
            Flow.RELEASE: self._release,
            Flow.SEND: self._send,
            Flow.BOUNCES: self._bounces,
            Flow.CLEANUP: self._cleanup,
            Flow.BACKUP: self._backup,
        }
        try:
            return does[run.flow](run)
        except (StoreError, LockedError):
            raise
        except EnewsError as error:
            return Outcome(state=RunState.FAILED, reason=str(error)[:REASON_MOST])

    def _pull(self, run: Run) -> Outcome:
        from pipeline.net.repository import pull

        pulled = pull(self._app.settings.folders.root)
        # Where nothing is new, an earlier delivery of the same push has brought it.
        follows = self._follow(run, Flow.BUILD, f"pulled {pulled.after} for {run.id}")
        if pulled.before == pulled.after:
            return Outcome(reason=f"nothing new: at {pulled.after[:12]}", follows=(follows,))
        files = len(pulled.files)
        return Outcome(
            reason=f"{pulled.before[:12]} to {pulled.after[:12]}, {_counted(files, 'file')}",
            found={"before": pulled.before, "after": pulled.after, "files": files},
            follows=(follows,),
        )

    def _build(self, run: Run) -> Outcome:
        self._say(run, "building")
        with self._app.workshop("enews run") as workshop:
            changes, found, follows = self._built(workshop)
        made = len(changes.new) + len(changes.changed)
        if not made and not changes.removed:
            reason = f"nothing changed: {_counted(changes.total, 'file')}"
        else:
            reason = f"{made:,} of {_counted(changes.total, 'file')} written"
            reason += f", {len(changes.removed):,} removed" if changes.removed else ""
            recent = [run for flow in MENDED for run in self._store.runs.latest(RECENT, flow=flow)]
            follows = (*follows, *again(recent, run, self._newsroom(), self._app.now()))
        told = self._ping(changes)
        return Outcome(reason="; ".join(filter(None, (reason, told))), found=found, follows=follows)

    def _built(self, workshop: Workshop) -> tuple[Changes, Mapping[str, object], tuple[Run, ...]]:
        """Build, and see which released issues nobody was told of yet."""
        from pipeline.flows.build import build

        changes = build(workshop, now=self._app.now())
        found: dict[str, object] = {
            "new": len(changes.new),
            "changed": len(changes.changed),
            "removed": len(changes.removed),
            "files": changes.total,
            "until": workshop.cache.note("until"),
        }
        return changes, found, self._sends(workshop)

    def _sends(self, workshop: Workshop) -> tuple[Run, ...]:
        runs = self._store.runs
        newsroom = workshop.content.newsroom()
        known = {
            newsletter.key: frozenset(
                run.slot for run in runs.latest(SENDS_MOST, flow=Flow.SEND, subject=newsletter.key)
            )
            for newsletter in newsroom.newsletters
        }
        now = self._app.now()
        before = looked([run for flow in LOOKS for run in runs.latest(RECENT, flow=flow)], now)
        locks = workshop.issues.locks()
        return sends(newsroom, locks, known, now, before=before, place=self._place)

    def _ping(self, changes: Changes) -> str:
        """Tell the hub of feeds that changed; in words, which never fail a build."""
        from pipeline.core.feed_files import feeds_among

        newsroom = self._newsroom()
        feeds = feeds_among((*changes.new, *changes.changed))
        topics = dict.fromkeys((*self._untold, *map(newsroom.url, feeds)))
        if not newsroom.feeds.hub or not topics:
            return ""
        from pipeline.net.reaching import Reach
        from pipeline.net.websub import Hub

        reach = Reach(agent=f"enews (+{newsroom.base_url}/)", allows=self._allows)
        hub = Hub(url=newsroom.feeds.hub, reach=reach, seconds=time.monotonic)
        pinged = hub.ping(tuple(topics))
        self._untold = pinged.left
        told = f"the hub was told of {_counted(len(pinged.told), 'feed')}"
        return f"{told}, not of {len(pinged.left)}: {pinged.said}" if pinged.left else told

    def _draft(self, run: Run) -> Outcome:
        from pipeline.flows.assemble import Wish, build_issue

        asked = run.asked
        day = asked.get("on") or asked.get("day")
        wish = Wish(
            newsletter=run.subject,
            on=date.fromisoformat(str(day)) if day else None,
            special=str(asked.get("special") or ""),
            another=bool(asked.get("new")),
            refresh=bool(asked.get("refresh")),
        )
        self._say(run, "choosing items")
        with self._app.workshop("enews run") as workshop:
            built = build_issue(workshop, wish, now=self._app.now())
            self._say(run, "building")
            _, found, follows = self._built(workshop)
        if built.issue is None:
            reason = f"nothing is new for {built.newsletter}: no issue"
            return Outcome(reason=reason, found=_draft_found(built), follows=follows)
        if self._releases(run, built):
            release = self._follow(run, Flow.RELEASE, built.issue.id, built.newsletter)
            release = replace(release, asked={"issue": built.issue.id})
            follows = (*follows, release)
        reason = _draft_words(built)
        if built.issue.released and run.origin is Origin.EDITOR:
            reason += '; to make another one: "new": true'
        return Outcome(reason=reason, found={**found, **_draft_found(built)}, follows=follows)

    def _releases(self, run: Run, built: Built) -> bool:
        from pipeline.core.newsroom import Release

        newsletter = self._newsletter(built.newsletter)
        automatic = newsletter is not None and newsletter.release is Release.AUTOMATIC
        due = "cadence" in run.asked
        return automatic and due and built.issue is not None and not built.issue.released

    def _release(self, run: Run) -> Outcome:
        from pipeline.flows.assemble import show_issue
        from pipeline.flows.release import release

        self._say(run, "judging")
        name = str(run.asked["issue"])
        with self._app.workshop("enews run") as workshop:
            report = show_issue(workshop, name, now=self._app.now())
            try:
                lock, fresh = release(workshop, name, report.digest, now=self._app.now())
            except GateError as error:
                why = f"{name} stays a draft, the gate refused it: {error}"
                return Outcome(state=RunState.FAILED, reason=why[:REASON_MOST])
            _, found, follows = self._built(workshop)
        word = "released" if fresh else "was released already"
        return Outcome(
            reason=f"{lock.id} {word}: {lock.title}",
            found={**found, "issue": lock.id, "digest": lock.digest},
            follows=follows,
        )

    def _send(self, run: Run) -> Outcome:
        from pipeline.core.newsroom import Start
        from pipeline.flows.mailing import begin, refuse_copy, standing

        post, store = self._post, self._store
        newsletter = self._newsletter(run.subject)
        if newsletter is not None and newsletter.mailing is Start.MANUAL:
            by_hand = f"enews mailing start {run.asked['issue']}"
            return Outcome(reason=f'mailed by hand by now (mailing = "manual"): {by_hand}')
        issue = post.released(str(run.asked["issue"]), waiting=lambda _: None)
        records, outbox = post.records(store), post.outbox() is not None
        there = standing(records, issue, outbox=outbox)
        if there is not None:
            return Outcome(reason=f"its mailing was begun by hand and is {there.state}")
        refuse_copy(records, issue)
        self._say(run, "writing the list of recipients")
        now = self._app.now()
        mailing = begin(records, issue, now=now, begins=issue.lock.at, outbox=outbox)
        total = store.ledger.tally(mailing.id).total
        when = f", from {mailing.begins:%Y-%m-%d %H:%M} UTC on" if mailing.begins > now else ""
        where = " into a folder, since no mail server is set" if outbox else ""
        return Outcome(
            reason=f"{_counted(total, 'recipient')}{when}{where}",
            found={"mailing": mailing.id, "recipients": total},
        )

    def _bounces(self, run: Run) -> Outcome:
        from pipeline.mail.mailbox import open_mailbox
        from pipeline.returns import MESSAGES_MOST, Returns

        self._say(run, "reading the mailbox")
        mailbox, protocol = open_mailbox(self._app.settings.bounces_url)
        returns = Returns(self._app, self._store)
        upshots: Counter[str] = Counter()

        def handle(raw: bytes) -> None:
            outcomes = returns.take(raw, protocol)
            upshots["messages"] += 1
            for outcome in outcomes:
                upshots[outcome.upshot.value] += 1
                upshots["suppressed"] += outcome.suppression is not None

        mailbox.poll(handle, MESSAGES_MOST)
        gone = upshots["suppressed"]
        words = f", {gone:,} suppressed" if gone else ""
        return Outcome(
            reason=f"{_counted(upshots['messages'], 'message')} read{words}", found=dict(upshots)
        )

    def _cleanup(self, run: Run) -> Outcome:
        del run
        now, store = self._app.now(), self._store
        expired = now - timedelta(days=self._newsroom().subscribing.confirm_days + 1)
        pending = store.subscribers.forget_pending(expired)
        asked = store.subscribers.forget_asked(expired)
        runs = store.runs.forget(now - KEPT_FOR)
        notices = store.notices.forget(now - KEPT_FOR)
        # Addresses of notices that were sent, and of who was erased while somebody read.
        scrubbed = store.database.scrub()
        left = "" if scrubbed else "; the database's log is in use, and is emptied next time"
        return Outcome(
            reason=f"{_counted(pending + asked, 'sign-up')} never confirmed and forgotten, "
            f"{_counted(runs, 'old run')} and {_counted(notices, 'notice')} deleted{left}",
            found={
                "pending": pending,
                "asked": asked,
                "runs": runs,
                "notices": notices,
                "scrubbed": scrubbed,
            },
        )

    def _backup(self, run: Run) -> Outcome:
        from pipeline.store.backup import POSTGRESQL, backup, backups

        folders = self._app.settings.folders
        day = self._app.now().astimezone(self._app.zone()).date()
        kept = self._newsroom().schedule.backups_kept
        there = backups(folders.state / "backups").get(day)
        if run.tries > 1 and there is not None:
            # A copy holds the run that made it, begun: where it was put back, it is not made anew.
            return Outcome(reason=f"{there.name} is there")
        path = backup(self._store.database, folders.state / "backups", kept, day)
        if path is None:
            return Outcome(reason=POSTGRESQL)
        size = path.stat().st_size
        return Outcome(reason=f"{path.name}, {size / 1e6:,.1f} MB", found={"bytes": size})

    def _follow(self, run: Run, flow: Flow, slot: str, subject: str = "") -> Run:
        """For this machine: the draft, or the content, is in its folder."""
        now = self._app.now()
        return Run(
            flow=flow,
            slot=slot,
            subject=subject,
            place=self._place,
            origin=Origin.FOLLOWS,
            due=now,
            asked={"run": run.id},
            created=now,
        )

    def _newsroom(self) -> Newsroom:
        from pipeline.content.reader import ContentFolder

        return ContentFolder(self._app.settings.folders.content).newsroom()

    def _newsletter(self, key: str) -> Newsletter | None:
        return self._newsroom().newsletter(key)


def _draft_words(built: Built) -> str:
    assert built.issue is not None  # noqa: S101  # asked before
    issue = built.issue
    if issue.released:
        return f"{issue.id} is released already"
    findings = len(built.gate.refuses) if built.gate is not None else 0
    judged = f", {_counted(findings, 'finding')} to mend first" if findings else ""
    return f"{issue.id} {built.made}{judged}; review it: enews issue preview {issue.id}"


def _draft_found(built: Built) -> dict[str, object]:
    issue = built.issue
    return {
        "made": built.made.value,
        "issue": issue.id if issue else "",
        "digest": issue.digest if issue else "",
        "left_out": len(built.left_out),
    }


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
