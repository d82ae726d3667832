"""uvicorn's HTTP protocol with limits on what it waits for: a request's head has so much time and so many bytes.

Without them a client that sends a head slowly, or without end, keeps a connection, or memory, for as long as it likes.
Bodies are limited by the application (gateway.body), idle connections by uvicorn's own keep-alive timer.

A request that is being answered is never disturbed: what is wrong with bytes that were sent behind it (pipelined)
only ends the connection after its answer.
"""

import asyncio

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.answer_writer import AnswerWriter
from gateway.clock import TIMER_SLACK_SECONDS
from gateway.watch import CUT, LEFT

# How long a refused client may go on sending. A connection that is closed on unread bytes is reset, and the client
# would lose the answer that tells it why.
_LINGER_SECONDS = 1.0


class GuardedProtocol(HttpToolsProtocol):
    """One connection. A head counts from its first byte; a connection that says nothing has as long as a head."""

    def __init__(self, config: Config, server_state: ServerState, *, head_seconds: float, head_bytes: int) -> None:
        super().__init__(config, server_state, app_state={})
        self._head_seconds = head_seconds
        self._head_bytes = head_bytes
        self._head_size = 0
        self._timer: asyncio.TimerHandle | None = None  # for a head, then for lingering
        self._idle_since: float | None = None  # the loop's time; None while anything is asked
        self._refused = False
        self._current: RequestResponseCycle | None = None  # of several that were sent at once, not the last one
        self._careful = True  # while a head is awaited or not complete, and after a refusal

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)
        left = self._current.scope.get(LEFT) if self._current is not None else None
        if callable(left):
            left()

    def data_received(self, data: bytes) -> None:
        if self._careful or len(data) > self._head_bytes:
            self._take_in_pieces(data)
            return
        before = self.cycle
        of_head = not before.more_body
        super().data_received(data)
        if self.cycle is before or self.cycle.scope is not self.scope:
            self._follow(len(data), before, of_head)

    def on_response_complete(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
            else:
                self._keep_alive()
        if self._careful and self._in_head and self._answered and self._timer is None:
            self._expect_head()  # what was sent behind the request was not waited for until now

    def send_400_response(self, msg: str) -> None:
        if self._breaks_body:
            self._refused = self._careful = True
            super().send_400_response(msg)
        else:
            self._refuse(400, msg)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._current = cycle
        cycle.scope[CUT] = self.transport.abort  # type: ignore[literal-required]
        writer = AnswerWriter(cycle)
        super()._start_asgi_task(cycle, lambda scope, receive, _: app(scope, receive, writer.send))  # type: ignore[arg-type]

    @property
    def _in_head(self) -> bool:
        """Whether a head has begun and is not complete."""
        return self.scope is not None and (self.cycle is None or self.cycle.scope is not self.scope)

    @property
    def _answered(self) -> bool:
        """Whether no request is in progress."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def _breaks_body(self) -> bool:
        """Whether bytes that are not HTTP can only be the body of the request that the application is reading."""
        cycle = self.cycle
        return not self._answered and cycle.more_body and not cycle.response_started and not self.pipeline

    def _take_in_pieces(self, data: bytes) -> None:
        # No piece reaches past the limit, so a head that is complete after its piece was not too large.
        while data and not self._refused and not self.transport.is_closing():
            room = self._head_bytes - self._head_size
            before = self.cycle
            of_head = before is None or not before.more_body or self._in_head
            super().data_received(data[:room])
            self._follow(min(room, len(data)), before, of_head)
            data = data[room:]

    def _follow(self, size: int, before: RequestResponseCycle | None, of_head: bool) -> None:
        """`size` bytes came: first of a head if `of_head`, else of a body. `before`: the last request until then."""
        if self._refused:
            return
        if not self._in_head:
            self._follow_request()
            return
        # A head that began behind other bytes counts from the next piece on: which bytes are its own is unknown.
        if of_head and self.cycle is before:
            self._head_size += size
        else:
            self._end_head()
        self._follow_head()

    def _follow_head(self) -> None:
        self._careful = True
        if self._head_size >= self._head_bytes:
            self._refuse(431, f"The request's head is larger than {self._head_bytes} bytes.")
        elif self._timer is None and self._answered:
            self._expect_head()

    def _follow_request(self) -> None:
        if self.cycle is not None:
            self._end_head()
            # These bytes ended an idle time and began no request: the rest of a body that was not needed.
            if self.cycle.response_complete and self._idle_since is None and not self.transport.is_closing():
                self._keep_alive()

    def _end_head(self) -> None:
        self._careful = False
        self._head_size = 0
        self._stop_timer()

    def _keep_alive(self) -> None:
        """uvicorn's timer, but it stays set while requests come and go, and looks only when it rings."""
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_in(self.timeout_keep_alive)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return
        seconds_left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if seconds_left > TIMER_SLACK_SECONDS:
            self._look_in(seconds_left)
        else:
            super().timeout_keep_alive_handler()

    def _look_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _expect_head(self) -> None:
        self._timer = self.loop.call_later(self._head_seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        if self._in_head and not self.transport.is_closing():
            self._refuse(408, f"The request's head was not complete after {self._head_seconds:g} s.")
        else:
            self.transport.close()

    def _refuse(self, status: int, message: str) -> None:
        self._refused = self._careful = True
        self._stop_timer()
        if self._answered:
            self.transport.write(_plain_answer(status, message, self.server_state.default_headers))
            self._linger()
        else:
            self.cycle.keep_alive = False

    def _linger(self) -> None:
        self.transport.write_eof()
        self._timer = self.loop.call_later(_LINGER_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _plain_answer(status: int, message: str, headers: list[tuple[bytes, bytes]]) -> bytes:
    lines = [
        *headers,
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(message)),
        (b"connection", b"close"),
    ]
    head = b"".join(b"%s: %s\r\n" % line for line in lines)
    return STATUS_LINE[status] + head + b"\r\n" + message.encode("ascii")
