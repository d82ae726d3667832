"""What a running plan carries along: the site, the lock, the book as last written, and results of earlier steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.aws.model import Call
from scripts.errors import Transient
from scripts.release.book import Book
from scripts.release.ledger import Ledger
from scripts.release.lock import Guard
from scripts.release.ports import Site
from scripts.release.steps import Made
from stacks.naming import Colour, Part

_ATTEMPTS = 4
_BACKOFF_SECONDS = 0.5


@dataclass
class Work:
    """`changed` is True from the first call that AWS may have carried out. `forced` is ids of forced deployments."""

    site: Site
    guard: Guard
    ledger: Ledger
    book: Book
    made: dict[Made, str] = field(default_factory=dict)
    reservations: set[str] = field(default_factory=set)
    forced: dict[tuple[Part, Colour], str] = field(default_factory=dict)
    changed: bool = False

    def keep(self, book: Book) -> None:
        self.guard.keep(book)
        self.book = book

    def write(self, call: Call) -> Mapping[str, Any]:
        """Make one call, each attempt behind a fresh intent. Raises Superseded when the lock is no longer ours."""
        for attempt in range(1, _ATTEMPTS + 1):
            self.guard.intend(f"{call.service} {call.operation}")
            try:
                answer = self.site.cloud.write(self._resolved(call))
            except KeyboardInterrupt:
                self.changed = True
                raise
            except Transient as error:
                self.changed = True
                if attempt == _ATTEMPTS:
                    raise
                self.site.voice.say(f"{error}; trying again")
                self.site.clock.sleep(_BACKOFF_SECONDS * 2**attempt)
            else:
                self.changed = True
                return answer
        raise AssertionError("unreachable")

    def poll(self, seconds: float | None = None) -> None:
        """Wait a little, unless the lock was lost meanwhile."""
        self.guard.check()
        self.site.clock.sleep(self.site.manifest.policy.poll_seconds if seconds is None else seconds)

    def _resolved(self, call: Call) -> Call:
        values = {k: self.made[v] if isinstance(v, Made) else v for k, v in call.parameters.items()}
        return Call(call.service, call.operation, values)
