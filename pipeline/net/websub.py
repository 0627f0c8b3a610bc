"""Tells a WebSub hub that feeds changed, so that readers have the news at once.

W3C WebSub leaves to hub and publisher how (§7); what every hub takes is the ping of PubSubHubbub
0.4 §7: a form with `hub.mode=publish` and `hub.url`. One for each feed, since not every hub reads
more than one `hub.url`. Whatever a hub says, nothing of a build depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from pipeline.net.reaching import NoSuchNameError, PrivateAddressError, trouble_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.net.reaching import Reach

ALL_MOST = 60.0
"""Seconds for all pings together."""

BUSY = 429


class Pinged(NamedTuple):
    """Of which feeds the hub heard, and of which not, in their order; `said` is why, "" for all."""

    told: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The hub at `url`; `seconds` is a clock that never steps, `most` the time for all pings."""

    url: str
    reach: Reach
    seconds: Callable[[], float]
    most: float = ALL_MOST

    def ping(self, topics: Sequence[str]) -> Pinged:
        """Tell of each of these addresses of feeds. Never raises: what failed is in words.

        A hub that is away, busy or slow is not asked again for the rest: they are `left`, for
        another time.
        """
        told: list[str] = []
        left: list[str] = []
        said, end = "", self.seconds() + self.most
        for number, topic in enumerate(topics):
            if self.seconds() >= end:
                return Pinged(tuple(told), (*left, *topics[number:]), "it took too long")
            why, useless = self._one(topic)
            if not why:
                told.append(topic)
                continue
            said = why
            if useless:
                return Pinged(tuple(told), (*left, *topics[number:]), said)
            left.append(topic)
        return Pinged(tuple(told), tuple(left), said)

    def _one(self, topic: str) -> tuple[str, bool]:
        """Why the hub did not take it ("": it did), and whether others are of no use either."""
        form = urlencode({"hub.mode": "publish", "hub.url": topic}).encode("ascii")
        try:
            status = self.reach.request("POST", self.url, form).status
        except PrivateAddressError as error:
            return f"{error} is in a private network", True
        except NoSuchNameError as error:
            return f"there is no {error}", True
        except ValueError:
            return f"{self.url} is no address of a hub", True
        except (OSError, HTTPException) as error:
            return trouble_in_words(error), True
        if 200 <= status < 300:
            return "", False
        return f"it answered with status {status}", status >= 500 or status == BUSY
