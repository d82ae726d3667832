"""Which traces are continued, and what upstreams are told."""

import re

import pytest
from gateway.trace import Trace, continued

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "00f067aa0ba902b7"
VALID = f"00-{TRACE_ID}-{PARENT_ID}-01".encode()
SENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")

INVALID = {
    "absent": b"",
    "no trace": b"hello",
    "version ff": b"ff" + VALID[2:],
    "a trace of zeros": f"00-{'0' * 32}-{PARENT_ID}-01".encode(),
    "a parent of zeros": f"00-{TRACE_ID}-{'0' * 16}-01".encode(),
    "too short": VALID[:-1],
    "too long": VALID + b"0",
    "more fields in version 00": VALID + b"-00",
    "a later version that goes on without a dash": b"01" + VALID[2:] + b"00",
    "upper case": VALID.upper(),
    "not hex": VALID.replace(b"4bf9", b"4bg9"),
    "other dashes": VALID.replace(b"-", b"_"),
    "a line end": VALID + b"\n",
    "bytes": b"\xff" * 55,
}


def sent(trace: Trace) -> tuple[str, str, str]:
    """Trace id, parent id, flags."""
    found = SENT.fullmatch(trace.headers["traceparent"])
    assert found is not None
    return found[1], found[2], found[3]


@pytest.mark.parametrize("flags", ["00", "01", "03"])
def test_a_client_s_trace_goes_on_with_its_flags_and_a_parent_of_our_own(flags: str) -> None:
    trace = continued(VALID[:-2] + flags.encode(), b"")
    trace_id, parent_id, kept = sent(trace)
    assert trace.trace_id == trace_id == TRACE_ID
    assert kept == flags
    assert parent_id not in {PARENT_ID, "0" * 16}
    assert "tracestate" not in trace.headers


def test_each_request_has_a_parent_of_its_own() -> None:
    assert sent(continued(VALID, b""))[1] != sent(continued(VALID, b""))[1]


@pytest.mark.parametrize("rest", [b"", b"-", b"-what-later-versions-add"])
def test_a_trace_of_a_later_version_goes_on_in_ours(rest: bytes) -> None:
    assert sent(continued(b"cc" + VALID[2:] + rest, b""))[::2] == (TRACE_ID, "01")


@pytest.mark.parametrize("name", INVALID)
def test_what_is_no_trace_starts_a_new_one_that_is_not_sampled(name: str) -> None:
    first, second = continued(INVALID[name], b"vendor=1"), continued(INVALID[name], b"vendor=1")
    trace_id, parent_id, flags = sent(first)
    assert first.trace_id == trace_id not in {TRACE_ID, second.trace_id, "0" * 32}
    assert parent_id != "0" * 16 and flags == "00"
    assert list(first.headers) == ["traceparent"]


def test_the_state_of_a_trace_goes_with_it() -> None:
    assert continued(VALID, b"rojo=00f067aa0ba902b7,congo=t61").headers["tracestate"].endswith("congo=t61")
    assert continued(VALID, b"a" * 512).headers["tracestate"] == "a" * 512


@pytest.mark.parametrize("state", [b"", b"a" * 513, b"a=\xe4", b"a=1\tb=2", b"a=1\x7f"])
def test_a_state_that_is_not_valid_is_dropped(state: bytes) -> None:
    assert "tracestate" not in continued(VALID, state).headers
