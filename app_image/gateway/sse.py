"""Cuts a byte stream of server-sent events into the data of its events, and writes events. No input or output here.

It knows nothing of what the data means. Comments and the fields `event`, `id` and `retry` are dropped: chat
completions do not use them.
"""

from gateway.errors import EventTooLarge, error_body

DONE = b"[DONE]"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
EVENT_LIMIT_BYTES = 4 * 1024 * 1024


class EventSplitter:
    """Takes bytes as they come from the network; keeps only what is not yet a whole event."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The data of each event that became complete."""
        text = self._rest + data if self._rest else data
        held = b""
        if b"\r" in text:
            if text.endswith(b"\r"):  # the other half of a line end may follow
                text, held = text[:-1], b"\r"
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *events, rest = text.split(b"\n\n")
        if len(rest) > EVENT_LIMIT_BYTES:
            raise EventTooLarge
        self._rest = rest + held
        return [found for event in events if (found := _data(event))]

    def end(self) -> list[bytes]:
        """What the stream's end leaves: an event whose blank line is missing, if any."""
        return self.feed(b"\n\n") if self._rest else []


def event(data: bytes) -> bytes:
    if b"\n" in data:
        data = data.replace(b"\n", b"\ndata: ")
    return b"data: " + data + b"\n\n"


def error_event(message: str, *, code: str) -> bytes:
    """How a stream that cannot go on says so; never followed by [DONE]."""
    return event(error_body(message, kind="server_error", code=code))


def _data(event: bytes) -> bytes:
    if event.startswith(b"data: ") and b"\n" not in event:
        return event[6:]
    lines = event.removeprefix(_BYTE_ORDER_MARK).split(b"\n")
    return b"\n".join([line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:")])
