"""The port `Outside`: asks other sites whether addresses are there.

::

    urls ─▶ known since a while? ── yes ─▶ that answer
               └─ no ─▶ by host, a host at a time one question ─▶ HEAD ─▶ GET ─▶ redirects ─▶ answer

Polite: one question at a time for each host, with a pause between, under a name that says whose
newsroom asks. Bounded: per request, and for all of them together; what could not be asked in time
is unsure. Redirects are followed, each looked at like the first address.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from http.client import HTTPException
from queue import Empty, SimpleQueue
from ssl import SSLCertVerificationError
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.core.answer import Answer, Outcome
from pipeline.net.reaching import NoSuchNameError, PrivateAddressError, trouble_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.net.memory import AnswerMemory
    from pipeline.net.reaching import Reach

HOSTS_AT_ONCE = 8
ALL_MOST = 90.0
"""Seconds for all questions together."""

PAUSE = 0.5
"""Seconds between two questions to one host."""

REDIRECTS_MOST = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FOR_GOOD = frozenset({301, 308})
GONE = frozenset({404, 410})
NOT_SATISFIABLE = 416
"""The answer to a range of an empty page: it is there."""

TOO_LATE = Answer(outcome=Outcome.UNSURE, said="not asked: time was up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Seconds, and how to let some pass; the composition root gives the real ones."""

    seconds: Callable[[], float]
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Asks by `reach`, and remembers in `memory` what was said."""

    reach: Reach
    memory: AnswerMemory
    clock: Clock
    most: float = ALL_MOST
    pause: float = PAUSE

    def ask(self, urls: Sequence[str]) -> Mapping[str, Answer]:
        """What was said of each address, in their order."""
        known = self.memory.known()
        hosts: defaultdict[str, list[str]] = defaultdict(list)
        for url in dict.fromkeys(urls):
            if url not in known:
                hosts[_host(url)].append(url)
        fresh = self._asked(list(hosts.values())) if hosts else {}
        if fresh:
            self.memory.keep(fresh)
        return {url: known.get(url) or fresh.get(url, TOO_LATE) for url in urls}

    def _asked(self, groups: Sequence[Sequence[str]]) -> dict[str, Answer]:
        """Every host's addresses by one of a few threads, until time is up."""
        waiting: SimpleQueue[Sequence[str]] = SimpleQueue()
        done: SimpleQueue[tuple[str, Answer]] = SimpleQueue()
        for group in groups:
            waiting.put(group)
        end = self.clock.seconds() + self.most
        for _ in range(min(HOSTS_AT_ONCE, len(groups))):
            # What hangs in a name server ends with the program, not the other way round.
            Thread(target=self._work, args=(waiting, done, end), daemon=True).start()
        found: dict[str, Answer] = {}
        total = sum(map(len, groups))
        while len(found) < total:
            left = end - self.clock.seconds()
            try:
                url, answer = done.get(timeout=max(left, 0.0))
            except Empty:
                break
            found[url] = answer
        return found

    def _work(
        self,
        waiting: SimpleQueue[Sequence[str]],
        done: SimpleQueue[tuple[str, Answer]],
        end: float,
    ) -> None:
        while True:
            try:
                group = waiting.get_nowait()
            except Empty:
                return
            for number, url in enumerate(group):
                if number:
                    self.clock.sleep(self.pause)
                if self.clock.seconds() >= end:
                    return
                done.put((url, self.one(url)))

    def one(self, url: str) -> Answer:
        """What is said of one address."""
        here, for_good = url, True
        try:
            for _ in range(REDIRECTS_MOST + 1):
                status, location = self._status(here)
                if status not in REDIRECTS or not location:
                    return _answer(status, url, here, for_good=for_good)
                for_good = for_good and status in FOR_GOOD
                here = urljoin(here, location)
        except PrivateAddressError as error:
            return Answer(outcome=Outcome.REFUSED, said=f"{error} is in a private network")
        except NoSuchNameError as error:
            return Answer(outcome=Outcome.DEAD, said=f"there is no {error}")
        except SSLCertVerificationError as error:
            return Answer(outcome=Outcome.DEAD, said=trouble_in_words(error))
        except ValueError:
            return Answer(outcome=Outcome.DEAD, said=f"it leads to {here}, which is no address")
        except (OSError, HTTPException) as error:
            return Answer(outcome=Outcome.UNSURE, said=trouble_in_words(error))
        return Answer(outcome=Outcome.DEAD, said=f"more than {REDIRECTS_MOST} redirects")

    def _status(self, url: str) -> tuple[int, str]:
        """By HEAD, and by GET where that is not welcome: many servers know only the one."""
        reply = self.reach.request("HEAD", url)
        if reply.status >= 400:
            reply = self.reach.request("GET", url)
        return reply.status, reply.location


def _answer(status: int, asked: str, here: str, *, for_good: bool) -> Answer:
    if status in GONE:
        return Answer(outcome=Outcome.DEAD, said=f"status {status}")
    if status < 400 or status == NOT_SATISFIABLE:
        if here != asked and for_good:
            return Answer(outcome=Outcome.MOVED, said=f"now {here}")
        return Answer(outcome=Outcome.FINE, said=f"status {status}")
    return Answer(outcome=Outcome.UNSURE, said=f"status {status}")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
