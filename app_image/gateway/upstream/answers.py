"""Parses the answers on one connection, one after the other, each into the reply that waits for it. No input or output.

Stricter than HTTP asks for: this client requests neither an upgrade nor an encoding, so it takes none.
"""

import httptools

from gateway.upstream.errors import NotHttp
from gateway.upstream.reply import Reply

# What may come without a byte of body: a head, with the informational ones before it; trailers; chunk extensions.
_OVERHEAD_LIMIT_BYTES = 64 * 1024
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_WANTED = frozenset({b"content-type", b"retry-after"}) | _FRAMING
_FIRST_FINAL_STATUS = 200


class Answers:
    """`reply` is None while nothing is awaited; `heard`: a byte of it came; `keeps_alive`: so says the last answer."""

    __slots__ = ("_fields", "_informational", "_overhead_bytes", "_parser", "heard", "keeps_alive", "reply")

    def __init__(self) -> None:
        self.reply: Reply | None = None
        self.heard = False
        self.keeps_alive = False
        self._fields: dict[bytes, bytes] = {}
        self._informational = False
        self._overhead_bytes = 0
        self._parser = httptools.HttpResponseParser(self)

    def expect(self, reply: Reply) -> None:
        self.reply = reply
        self.heard = False
        self._overhead_bytes = 0

    def feed(self, data: bytes) -> None:
        """Raises NotHttp."""
        self.heard = True
        self._overhead_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise NotHttp from error
        if self._overhead_bytes > _OVERHEAD_LIMIT_BYTES and self.reply is not None:
            raise NotHttp

    def end_of_stream(self) -> None:
        """The end of the connection is the end of an answer that gave no other; any other answer is cut."""
        if self.reply is not None and self.reply.status and self._fields.keys().isdisjoint(_FRAMING):
            self._end()

    def lose(self) -> None:
        reply, self.reply = self.reply, None
        if reply is not None:
            reply.lose()

    def close(self) -> None:
        """Nothing is fed any more. Parser and this object hold each other: no need to wait for a garbage collection."""
        self.lose()
        del self._parser

    def on_message_begin(self) -> None:
        if self.reply is None:
            raise NotHttp
        self._fields.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        key = name.lower()
        if key in _WANTED:
            self._fields[key] = value

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        self._informational = status < _FIRST_FINAL_STATUS
        if self._informational or self.reply is None:
            return
        fields = self._fields
        if fields.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
            raise NotHttp
        retry_after = fields.get(b"retry-after")
        self.reply.begin(
            status,
            fields.get(b"content-type", b"").decode("latin-1"),
            None if retry_after is None else retry_after.decode("latin-1"),
        )

    def on_body(self, data: bytes) -> None:
        self._overhead_bytes = 0
        if self.reply is not None:
            self.reply.feed(data)

    def on_message_complete(self) -> None:
        if not self._informational:
            self.keeps_alive = self._parser.should_keep_alive()
            self._end()

    def _end(self) -> None:
        reply, self.reply = self.reply, None
        if reply is not None:
            reply.end()
