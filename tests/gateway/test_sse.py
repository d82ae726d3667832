"""Server-sent events, cut wherever the network cuts them."""

import pytest
from gateway import sse
from gateway.errors import EventTooLarge
from gateway.sse import EventSplitter

STREAM = b'data: {"a": 1}\n\n: ping\n\nevent: x\nid: 7\ndata: two\ndata:lines\n\ndata: [DONE]\n\n'
EVENTS = [b'{"a": 1}', b"two\nlines", b"[DONE]"]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_do_not_depend_on_how_the_network_cuts(size: int, line_end: bytes) -> None:
    stream = STREAM.replace(b"\n", line_end)
    splitter = EventSplitter()

    found: list[bytes] = []
    for start in range(0, len(stream), size):
        found += splitter.feed(stream[start : start + size])

    assert found + splitter.end() == EVENTS


def test_a_byte_order_mark_takes_no_event_with_it() -> None:
    assert EventSplitter().feed(b"\xef\xbb\xbf" + STREAM) == EVENTS


def test_an_event_without_its_blank_line_is_found_at_the_end() -> None:
    splitter = EventSplitter()

    assert splitter.feed(b"data: [DONE]\n") == []
    assert splitter.end() == [sse.DONE]


def test_what_is_written_can_be_read() -> None:
    assert EventSplitter().feed(sse.event(b'{"a":\n1}') + sse.event(sse.DONE)) == [b'{"a":\n1}', sse.DONE]


def test_an_event_that_never_ends_is_refused() -> None:
    splitter = EventSplitter()

    with pytest.raises(EventTooLarge):
        for _ in range(10):
            splitter.feed(b"x" * 1024 * 1024)
