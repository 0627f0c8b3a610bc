"""What the pages and the API work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pipeline.app import App
    from pipeline.core.newsroom import Newsroom
    from pipeline.store.opening import Store
    from pipeline.web.metrics import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One for the life of the web server.

    `store` is open as long as that and may be used by several threads, but for its ledger's
    claims; `newsroom` reads the newsroom as it is now (ConfigError where it is broken: then it
    stays what it was, and only a first reading raises); `keys` sign links, the first one new ones;
    `wake` tells the service that there is something to do: a run, or a notice. `place` is the
    machine that builds what is served here ("": any one); `ending` is true once the service is to
    end.
    """

    app: App
    store: Store
    newsroom: Callable[[], Newsroom]
    keys: Sequence[bytes]
    now: Callable[[], datetime]
    wake: Callable[[], None]
    beat: Callable[[], float] = float
    counts: Counts | None = None
    place: str = ""
    ending: Callable[[], bool] = bool
