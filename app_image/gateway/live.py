"""Whether this task's release is the live one, as the ledger says. Only the live release keeps answers.

The ledger's control item is written by the release engine (scripts/release/control.py); a contract test holds its
format. A gateway that was told of no ledger is live: there is nothing else.
"""

import msgspec

from gateway.tables.table import Table

POLL_SECONDS = 5.0
_CONTROL = ("control", "current")


class Live:
    """What cannot be read leaves the last answer, which is no at first."""

    def __init__(self, ledger: Table | None, release: str) -> None:
        self._ledger = ledger
        self._release = release
        self.is_live = ledger is None

    async def poll(self) -> None:
        """Raises TableFailed, or what msgspec has against the book; then nothing was changed."""
        if self._ledger is None:
            return
        item = await self._ledger.get(*_CONTROL)
        self.is_live = live_release(str((item or {}).get("book") or "{}")) == self._release


def live_release(book: str) -> str | None:
    """None before the first switch. Raises msgspec.ValidationError for what is no book."""
    live = msgspec.json.decode(book, type=_Book).live
    return live.placement.release if live else None


class _Placement(msgspec.Struct):
    release: str


class _Live(msgspec.Struct):
    placement: _Placement


class _Book(msgspec.Struct):
    live: _Live | None = None
