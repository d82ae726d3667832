"""What one upstream stream has said so far, and whether that is a whole answer. No input or output here.

A stream is *complete* when every choice has said why it finished and the stream ended or said [DONE]. A missing
[DONE] is forgiven; a missing finish reason never is, for that is how a truncated answer looks.
"""

from typing import Any, NamedTuple

import msgspec

from gateway.errors import EventTooLarge
from gateway.outcome import Reason
from gateway.sse import DONE, EventSplitter
from gateway.tiers.errors import TierFailed
from gateway.utf8 import check_utf8
from gateway.whole_answer import BROKEN_ENDS, read_whole

Usage = dict[str, Any]


class Choice(msgspec.Struct):
    """The part of a choice that decides something or goes into an assembled answer; `text` is a text completion's."""

    index: int = 0
    delta: dict[str, Any] = {}
    text: str | None = None
    finish_reason: str | None = None
    stop_reason: int | str | None = None
    logprobs: dict[str, list[Any] | None] | None = None


class Chunk(msgspec.Struct):
    """One piece of a streamed answer, or the error that stands in its place."""

    choices: list[Choice] | None = None
    usage: Usage | None = None
    error: Any = None
    object: str | None = None
    id: str | None = None
    created: int | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    service_tier: str | None = None

    @property
    def is_usage_only(self) -> bool:
        return not self.choices and self.usage is not None


class Event(NamedTuple):
    """A chunk and the bytes it came in."""

    data: bytes
    chunk: Chunk


_CHUNK = msgspec.json.Decoder(Chunk)


class StreamReading:
    """Feed it the network's bytes; it returns events and raises TierFailed for what is not an answer.

    `pieces`: events with choices so far, about as many as tokens.
    """

    __slots__ = ("_finished", "_splitter", "_wanted", "complete", "has_content", "pieces", "usage")

    def __init__(self, wanted_choices: int) -> None:
        self._splitter = EventSplitter()
        self._wanted = wanted_choices
        self._finished: set[int] = set()
        self.has_content = False
        self.complete = False
        self.pieces = 0
        self.usage: Usage | None = None

    def feed(self, data: bytes) -> list[Event]:
        """Events after [DONE] are ignored."""
        try:
            return self._read(self._splitter.feed(data))
        except EventTooLarge:
            raise TierFailed(Reason.MALFORMED) from None

    def end(self) -> list[Event]:
        """The stream ended. Raises TierFailed when it is not complete."""
        events = self._read(self._splitter.end())
        self._finish()
        return events

    def broken(self) -> None:
        """The connection was lost. That is forgiven when all had been said already."""
        self._finish()

    def take_whole(self, body: bytes) -> None:
        """The answer came in one piece instead. Raises TierFailed when it is not one, or not all of it."""
        answer = read_whole(body)
        if answer is None or len(answer.choices) < self._wanted:
            raise TierFailed(Reason.MALFORMED)
        if any(choice.finish_reason in BROKEN_ENDS for choice in answer.choices):
            raise TierFailed(Reason.ERROR_EVENT)
        self.usage = answer.usage
        self.has_content = self.complete = True

    def _read(self, found: list[bytes]) -> list[Event]:
        events = []
        for data in found:
            if self.complete:
                break
            if data == DONE:
                self._finish()
            else:
                events.append(Event(data, self._understand(data)))
        return events

    def _understand(self, data: bytes) -> Chunk:
        try:
            check_utf8(data)
            chunk = _CHUNK.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise TierFailed(Reason.MALFORMED) from None
        if chunk.error is not None or chunk.object == "error":
            raise TierFailed(Reason.ERROR_EVENT)
        if chunk.choices is None:
            raise TierFailed(Reason.MALFORMED)
        if chunk.usage is not None:
            self.usage = chunk.usage
        if chunk.choices:
            self.pieces += 1
        for choice in chunk.choices:
            self._follow(choice)
        return chunk

    def _follow(self, choice: Choice) -> None:
        if choice.finish_reason in BROKEN_ENDS:
            raise TierFailed(Reason.ERROR_EVENT)
        if choice.finish_reason is not None:
            self._finished.add(choice.index)
            self.has_content = True
        elif not self.has_content:
            self.has_content = bool(choice.text) or any(value for key, value in choice.delta.items() if key != "role")

    def _finish(self) -> None:
        if len(self._finished) < self._wanted:
            raise TierFailed(Reason.CUT if self.has_content else Reason.EMPTY_STREAM)
        self.complete = True
