"""A round of sending by hand: what a carrier asks of it, and all that it told."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.core.delivery import Claim
from pipeline.core.reply import Reply, Stage
from pipeline.ports.sending import Letter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Self

BODY = b"The quick brown fox jumps over the lazy dog, again and again and again.\r\n"


def letter(
    number: int, recipient: str = "", *, sender: str = "news@example.org", size: int = 200
) -> Letter:
    """The letter of a claim, of about `size` bytes; it has a line that begins with a dot."""
    address = recipient or f"reader{number}@example.org"
    head = f"Message-ID: <{number}@example.org>\r\nSubject: News\r\n\r\n".encode()
    body = b"..hidden\r\n" + BODY * max(0, (size - len(head)) // len(BODY))
    claim = Claim(number, number, address, "", "en", 0, 0.0)
    return Letter(claim=claim, sender=sender, recipient=address, pieces=(head, body))


def letters(count: int, *, size: int = 200) -> list[Letter]:
    """Letters 1 to `count`."""
    return [letter(number, size=size) for number in range(1, count + 1)]


@dataclass
class FakeRound:
    """Gives what is in `waiting`, numbers as they are; checks what a round may expect.

    A letter is begun at most once between two outcomes, has one outcome, and is put back only where
    it was not begun. `on_commit` is called with the count of commits.
    """

    waiting: deque[Letter | float] = field(default_factory=deque)
    on_commit: Callable[[FakeRound], object] = lambda _: None
    begun: list[int] = field(default_factory=list)
    replies: dict[int, Reply] = field(default_factory=dict)
    put_backs: Counter[int] = field(default_factory=Counter)
    out: set[int] = field(default_factory=set)  # given, and neither settled nor put back
    most_uncertain: int = 0
    commits: int = 0

    @classmethod
    def of(
        cls,
        given: Iterable[Letter | float],
        on_commit: Callable[[FakeRound], object] = lambda _: None,
    ) -> Self:
        """A round of these."""
        return cls(deque(given), on_commit)

    @property
    def uncertain(self) -> set[int]:
        """Begun, with no outcome yet."""
        return {number for number in self.begun if number not in self.replies}

    def next(self) -> Letter | float | None:
        """The next of those that wait."""
        if not self.waiting:
            return None
        found = self.waiting.popleft()
        if isinstance(found, Letter):
            assert found.claim.id not in self.out
            self.out.add(found.claim.id)
        return found

    def commit(self, begun: Sequence[Letter], done: Sequence[tuple[Letter, Reply]]) -> None:
        """Note them."""
        assert begun or done
        for one, reply in done:
            assert one.claim.id in self.out
            assert one.claim.id not in self.replies, f"{one.claim.id} has two outcomes"
            if reply.stage is Stage.CONTENT:
                assert one.claim.id in self.begun, f"{one.claim.id} was sent before its commit"
            self.replies[one.claim.id] = reply
            self.out.discard(one.claim.id)
        for one in begun:
            assert one.claim.id in self.out
            assert one.claim.id not in self.begun, f"{one.claim.id} begins twice"
            self.begun.append(one.claim.id)
        self.commits += 1
        self.most_uncertain = max(self.most_uncertain, len(self.uncertain))
        self.on_commit(self)

    def put_back(self, letter: Letter) -> None:
        """It comes again, at once."""
        assert letter.claim.id in self.out
        assert letter.claim.id not in self.begun, f"{letter.claim.id} began, and is put back"
        self.out.discard(letter.claim.id)
        self.put_backs[letter.claim.id] += 1
        self.waiting.appendleft(letter)

    def codes(self) -> Counter[int]:
        """How many letters got which code."""
        return Counter(reply.code for reply in self.replies.values())
