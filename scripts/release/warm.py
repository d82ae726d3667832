"""How long what lost its traffic must stay up: an address of the load balancer may fall back to it, late."""

from datetime import datetime

from scripts.release.book import Book, Role
from scripts.release.ports import Site


def hold_left_seconds(site: Site, book: Book) -> float:
    """What is left of the hold after a rollback; a switchover has held before it ended."""
    if book.idle is None or book.idle.role is not Role.ROLLED_BACK:
        return 0.0
    age_seconds = (site.clock.now() - datetime.fromisoformat(book.idle.since)).total_seconds()
    return max(0.0, site.manifest.policy.hold_seconds - age_seconds)
