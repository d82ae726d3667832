"""Whatever bytes arrive, the gateway answers or hangs up: never a 500, never silence, never a traceback in its log.

Each test's seed is fixed. The log is looked at when all are over (conftest).
"""

import errno
import http.client
import json
import socket

import pytest
from hypothesis import Phase, example, given, seed, settings
from hypothesis import strategies as st

from tests.gateway.conformance.background import Background
from tests.gateway.speech import MODEL
from tests.gateway.stage import KEY

SILENCE_SECONDS = 5.0
HUNG_UP = {errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN}
TOO_LATE = 502
STATUSES = {200, 400, 401, 404, 405, 413}
ASKING = ["/v1/chat/completions", "/v1/completions"]
PATHS = [*ASKING, "/v1/models", "/health", "/ready"]
METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND"]
HEADERS = [
    "x-request-id",
    "traceparent",
    "tracestate",
    "authorization",
    "content-type",
    "expect",
    "cookie",
    "accept",
    "cache-control",
]
BODY = json.dumps({"model": MODEL, "prompt": "Hi", "messages": [{"role": "user", "content": "Hi"}]}).encode()
FUZZING = settings(max_examples=100, deadline=None, database=None, phases=[Phase.explicit, Phase.generate])

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(MODEL),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["model", "messages", "prompt", "stream", "n", "max_tokens", "stream_options"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)
BODIES = st.binary(max_size=300) | JSON_VALUES.map(lambda value: json.dumps(value).encode())
# A request but for some bytes among it.
STAINED = st.tuples(st.integers(0, len(BODY)), st.binary(max_size=4)).map(
    lambda stain: BODY[: stain[0]] + stain[1] + BODY[stain[0] :]
)
NUMBERS = st.floats().map(repr) | st.integers().map(str) | st.text("0123456789.eE+-_ infa", max_size=12)
# A line end in a value would make another header, or a body, of the rest.
VALUES = st.binary(max_size=60).map(lambda value: value.translate(None, b"\r\n"))
TARGETS = st.binary(min_size=1, max_size=40).map(lambda target: b"/" + target.translate(None, b"\r\n "))
PIECES = [
    b"POST ",
    b"GET ",
    b"/v1/chat/completions",
    b"/health",
    b"*",
    b" HTTP/1.1",
    b" HTTP/1.0",
    b" HTTP/9.9",
    b"\r\n",
    b"\n",
    b"\r\n\r\n",
    b"host: x\r\n",
    b"content-length: 5\r\n",
    b"content-length: -1\r\n",
    b"content-length: 99999999999\r\n",
    b"transfer-encoding: chunked\r\n",
    b"transfer-encoding: gzip\r\n",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"-1\r\n",
    b"fffffffffffffffff\r\n",
    b"upgrade: h2c\r\nconnection: upgrade\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"authorization: Bearer " + KEY.encode() + b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"\0",
    b": \r\n",
    b" ",
]
JUNK = st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), min_size=1, max_size=12).map(b"".join)


def request(method: str, target: bytes, body: bytes, headers: dict[str, bytes]) -> bytes:
    told = {"host": b"x", "content-length": b"%d" % len(body), "authorization": b"Bearer " + KEY.encode(), **headers}
    lines = [name.encode() + b": " + value for name, value in told.items()]
    return b"\r\n".join([b"%s %s HTTP/1.1" % (method.encode(), target), *lines, b"", body])


def asked(serving: Background, method: str, target: bytes, body: bytes = b"", **headers: bytes) -> int:
    """The status of a whole answer; raises TimeoutError when there is none."""
    with socket.create_connection(("127.0.0.1", serving.port), SILENCE_SECONDS) as client:
        client.sendall(request(method, target, body, headers))
        with http.client.HTTPResponse(client, method=method) as answer:
            answer.begin()
            answer.read()
            return answer.status


def hung_up_after(serving: Background, data: bytes) -> bytes:
    """All that comes back for bytes after which nothing follows; raises TimeoutError when the gateway stays."""
    with socket.create_connection(("127.0.0.1", serving.port), SILENCE_SECONDS) as client:
        parts = []
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                parts.append(part)
        except OSError as error:
            if error.errno not in HUNG_UP:
                raise
        return b"".join(parts)


@seed(1)
@FUZZING
@given(body=BODIES | STAINED, path=st.sampled_from(ASKING))
@example(body=b"[" * 100_000, path=ASKING[0])
@example(body=b'{"model":' * 50_000, path=ASKING[0])
@example(body=b'{"model": "test-model", "messages": [' + b"[" * 100_000, path=ASKING[0])
@example(body=b'{"model": "test-model", "messages": [{}], "max_tokens": -9}', path=ASKING[0])
@example(body=b'{"model": "test-model", "messages": ["\\ud800"]}', path=ASKING[0])
@example(body=b'{"model": "\\ud800", "messages": [{}]}', path=ASKING[0])
@example(body=b'{"model": "\xed\xa0\x80", "messages": [{}]}', path=ASKING[0])
@example(body=b'{"model": "test-model", "messages": [{}], "n": ' + b"9" * 5_000 + b"}", path=ASKING[0])
@example(body=b'{"model": "test-model", "messages": [{}], "n": 1e400}', path=ASKING[0])
@example(body=b"\xef\xbb\xbf" + BODY, path=ASKING[0])
@example(body=BODY.decode().encode("utf-16"), path=ASKING[0])
@example(body=BODY + BODY, path=ASKING[0])
@example(body=b"x" * 3 * 1024 * 1024, path=ASKING[0])
@example(body=b'{"model": "test-model", "messages": [{}], "\xff": 1}', path=ASKING[0])
@example(body=b'{"model": "test-model", "prompt": "\xff"}', path=ASKING[1])
@example(body=b'{"model": "test-model", "prompt": "\\ud800"}', path=ASKING[1])
@example(body=b'{"model": "test-model", "prompt": ["a", 1, null, [2], {}]}', path=ASKING[1])
@example(body=b'{"model": "test-model", "prompt": []}', path=ASKING[1])
@example(body=b'{"model": "test-model", "prompt": "Hi", "max_tokens": ' + b"9" * 4_000 + b"}", path=ASKING[1])
@example(body=b'{"model": "test-model", "prompt": "Hi", "stream_options": {"a": 1' + b"0" * 30 + b"}}", path=ASKING[1])
@example(body='{"model": "\U0001f600\u2028\\u0000", "prompt": "Hi"}'.encode(), path=ASKING[1])
def test_any_body_is_answered(body: bytes, path: str, serving: Background) -> None:
    assert asked(serving, "POST", path.encode(), body) in STATUSES


@seed(5)
@FUZZING
@given(value=VALUES | NUMBERS.map(str.encode), path=st.sampled_from(ASKING))
@example(value=b"5e-324", path=ASKING[0])
@example(value=b"1e308", path=ASKING[0])
@example(value=b"9" * 400, path=ASKING[1])
@example(value=b"-0.0", path=ASKING[1])
@example(value=b"nan", path=ASKING[1])
@example(value="٣".encode(), path=ASKING[0])
def test_any_deadline_is_answered(value: bytes, path: str, serving: Background) -> None:
    told = {"x-request-deadline-seconds": value}
    assert asked(serving, "POST", path.encode(), BODY, **told) in {*STATUSES, TOO_LATE}


@seed(2)
@FUZZING
@given(headers=st.dictionaries(st.sampled_from(HEADERS), VALUES, max_size=4), path=st.sampled_from(PATHS))
def test_any_header_is_answered(headers: dict[str, bytes], path: str, serving: Background) -> None:
    method = "POST" if "completions" in path else "GET"
    assert asked(serving, method, path.encode(), BODY, **headers) in STATUSES


@seed(3)
@FUZZING
@given(method=st.sampled_from(METHODS), target=TARGETS | st.sampled_from([path.encode() for path in PATHS]))
@example(method="GET", target=b"//v1/models")
@example(method="GET", target=b"/v1/../v1/models")
@example(method="GET", target=b"/%2576%31/models")
@example(method="GET", target=b"/health%00")
@example(method="GET", target=b"/\xff\xfe%ff")
@example(method="GET", target=b"/health?" + b"a=b&" * 5_000)
@example(method="GET", target=b"http://elsewhere/v1/models")
def test_any_path_is_answered(method: str, target: bytes, serving: Background) -> None:
    assert asked(serving, method, target) in STATUSES


@seed(4)
@FUZZING
@given(data=JUNK)
@example(data=b"GET /health HTTP/1.1\r\n" + b"x-filler: y\r\n" * 5_000)
@example(data=b"GET /" + b"a" * 100_000)
def test_any_bytes_end_in_an_answer_or_in_a_closed_connection(data: bytes, serving: Background) -> None:
    came = hung_up_after(serving, data)

    assert came == b"" or came.startswith(b"HTTP/1.1 ")
    assert b"HTTP/1.1 500" not in came


@pytest.fixture(autouse=True)
def still_well(serving: Background) -> None:
    assert asked(serving, "GET", b"/health") == 200
