"""What the headers of a request say that matters to the gateway. All others are ignored and go nowhere."""

import math
import os
import re

from gateway.errors import Header, invalid_deadline

PREVIEW_HEADER = b"x-switchyard-preview"
DEADLINE_HEADER = b"x-request-deadline-seconds"

_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")


class RequestHead:
    """`previewed`: it came through a preview rule. `request_id`: the client's, or a new one."""

    __slots__ = (
        "_deadline", "authorization", "content_length", "no_store", "previewed", "request_id", "traceparent",
        "tracestate",
    )  # fmt: skip

    def __init__(self, headers: list[Header]) -> None:
        self.authorization = b""
        self.content_length = 0
        self.request_id = ""
        self.traceparent = b""
        self.tracestate = b""
        self.no_store = False
        self.previewed = False
        self._deadline = b""
        for name, value in headers:
            if name in _READERS:
                _READERS[name](self, value)
        if not self.request_id:
            self.request_id = os.urandom(16).hex()

    def deadline_seconds(self) -> float:
        """How long the client waits in all, from the request's beginning. Raises ApiError 400."""
        if not self._deadline:
            return math.inf
        try:
            seconds = float(self._deadline)
        except ValueError:
            seconds = math.nan
        if not seconds > 0:
            raise invalid_deadline(self._deadline.decode("latin-1"))
        return seconds

    def _authorization(self, value: bytes) -> None:
        self.authorization = value

    def _content_length(self, value: bytes) -> None:
        if value.isdigit():
            self.content_length = int(value)

    def _request_id(self, value: bytes) -> None:
        if _REQUEST_ID.fullmatch(value):
            self.request_id = value.decode()

    def _traceparent(self, value: bytes) -> None:
        self.traceparent = value

    def _tracestate(self, value: bytes) -> None:
        self.tracestate = value

    def _cache_control(self, value: bytes) -> None:
        self.no_store = self.no_store or b"no-store" in value.lower()

    def _preview(self, value: bytes) -> None:
        self.previewed = True

    def _deadline_header(self, value: bytes) -> None:
        self._deadline = value.strip()


_READERS = {
    b"authorization": RequestHead._authorization,
    b"content-length": RequestHead._content_length,
    b"x-request-id": RequestHead._request_id,
    b"traceparent": RequestHead._traceparent,
    b"tracestate": RequestHead._tracestate,
    b"cache-control": RequestHead._cache_control,
    PREVIEW_HEADER: RequestHead._preview,
    DEADLINE_HEADER: RequestHead._deadline_header,
}
