"""Server-sent events are read as the standard says."""

import pytest

from rehearsal.traffic.events import DONE, has_content, payloads


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: one\n\ndata:two\n\n", [b"one", b"two"]),
        (b"data: one\r\n\r\ndata: [DONE]\r\n\r\n", [b"one", DONE]),
        (b": keep-alive\n\nevent: error\ndata: one\n\n", [b"one"]),
        (b"data: one\ndata: two\n\n", [b"one\ntwo"]),
        (b"data: one\n\ndata: [DONE]\n", [b"one"]),
        (b"data: one\n\ndata: [DON", [b"one"]),
    ],
)
def test_only_complete_events_count(body: bytes, expected: list[bytes]) -> None:
    assert payloads(body) == expected


@pytest.mark.parametrize(
    ("chunk", "first_token"),
    [
        (b'{"choices": [{"delta": {"role": "assistant", "content": ""}}]}', False),
        (b'{"choices": [], "usage": {}}', False),
        (b'{"error": {"message": "m"}}', False),
        (b"[DONE]", False),
        (b'{"choices": [{"delta": {"content": "a"}}]}', True),
    ],
)
def test_a_first_token_is_text(chunk: bytes, first_token: bool) -> None:
    assert has_content(b"data: " + chunk + b"\n\n") is first_token
