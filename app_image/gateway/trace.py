"""Carries a client's trace on to the upstreams, as W3C Trace Context (https://www.w3.org/TR/trace-context/) says.

The gateway records no spans. It gives every hop an id of its own, so that what an upstream records is this request's.
"""

import os
import re
from typing import NamedTuple

STATE_HEADER = "tracestate"
_TRACE_ID_BYTES = 16
_PARENT_ID_BYTES = 8
_NOT_SAMPLED = "00"
# Later versions may add fields behind the four of version 00, which ends there. All other rules are the same.
_TRACEPARENT = re.compile(
    rb"(?!ff)(?!00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?", re.DOTALL
)
_TRACESTATE = re.compile(rb"[\x20-\x7e]{1,512}")


class Trace(NamedTuple):
    """`trace_id`: 32 digits of hex, for logs. `headers`: what an upstream is sent."""

    trace_id: str
    headers: dict[str, str]


def continued(traceparent: bytes, tracestate: bytes) -> Trace:
    """The client's trace with a new parent; a new trace, not sampled, when there is none or it is not valid."""
    client = _TRACEPARENT.fullmatch(traceparent)
    if client is None:
        return _started()
    trace_id, flags = client[1].decode(), client[2].decode()
    headers = {"traceparent": _traceparent(trace_id, os.urandom(_PARENT_ID_BYTES), flags)}
    if _TRACESTATE.fullmatch(tracestate):
        headers[STATE_HEADER] = tracestate.decode()
    return Trace(trace_id, headers)


def _started() -> Trace:
    chance = os.urandom(_TRACE_ID_BYTES + _PARENT_ID_BYTES)
    trace_id = chance[:_TRACE_ID_BYTES].hex()
    return Trace(trace_id, {"traceparent": _traceparent(trace_id, chance[_TRACE_ID_BYTES:], _NOT_SAMPLED)})


def _traceparent(trace_id: str, parent_id: bytes, flags: str) -> str:
    return f"00-{trace_id}-{parent_id.hex()}-{flags}"
