"""What a reply is worth: answered, refused, lost or cut, and why. Pure; knows no network.

A whole answer is right only if its text is the expected one, so a truncated, mixed or foreign answer is found.
A 4xx is a refusal only in OpenAI's error shape: that is the gateway speaking. A bare 4xx comes from something
between, which no client asked for, and counts as lost.
"""

import json
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from rehearsal.traffic import events
from rehearsal.traffic.record import Outcome

_WHOLE_FINISHES = {"stop", "length"}
# The gateway's own word for an answer that it cannot complete (docs/openapi.yaml).
_INCOMPLETE = "stream_incomplete"


@dataclass
class Reply:
    """What arrived. `failure` says why the transport ended early; without `status` not even headers came."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    failure: str | None = None
    first_token_ms: float | None = None


@dataclass(frozen=True)
class Verdict:
    """`told`: what came is the beginning of the right answer, and its last event says that the rest is missing."""

    outcome: Outcome
    error: str | None = None
    told: bool = False


class _Flaw(Exception):
    """Why an answer with status 200 is not complete and correct."""


def judge(reply: Reply, streaming: bool, expected: str) -> Verdict:
    """The outcome of one request whose complete correct answer is the text `expected`."""
    if reply.status is None:
        return Verdict(Outcome.LOST, reply.failure or "no reply")
    if reply.status != 200:
        return _without_answer(reply, reply.status)
    try:
        _check(_text_of_stream(reply) if streaming else _text_of_whole(reply), expected)
    except _Flaw as flaw:
        if streaming:
            return Verdict(Outcome.CUT, str(flaw), told=_tells(reply, expected))
        return Verdict(Outcome.LOST, str(flaw))
    return Verdict(Outcome.ANSWERED)


def _without_answer(reply: Reply, status: int) -> Verdict:
    message = _error_message(_json(bytes(reply.body)))
    if 400 <= status < 500 and message is not None and reply.failure is None:
        return Verdict(Outcome.REFUSED, f"status {status}: {message}")
    said = message or reply.failure or bytes(reply.body[:120]).decode(errors="replace") or "empty body"
    return Verdict(Outcome.LOST, f"status {status}: {said}")


def _text_of_whole(reply: Reply) -> str:
    if reply.failure is not None:
        raise _Flaw(reply.failure)
    content = _json(bytes(reply.body))
    try:
        choice = content["choices"][0]
        text, finish = choice["message"]["content"], choice["finish_reason"]
    except (TypeError, KeyError, IndexError):
        raise _Flaw(f"not a chat completion: {bytes(reply.body[:120])!r}") from None
    _check_finish([finish])
    return str(text)


def _text_of_stream(reply: Reply) -> str:
    payloads = events.payloads(bytes(reply.body))
    chunks = [_json(payload) for payload in payloads if payload != events.DONE]
    for chunk in chunks:
        if (message := _error_message(chunk)) is not None:
            raise _Flaw(f"error event: {message}")
    if reply.failure is not None:
        raise _Flaw(reply.failure)
    if not all(isinstance(chunk, dict) for chunk in chunks):
        raise _Flaw("an event is not JSON")
    _check_finish([reason for chunk in chunks if (reason := events.finish_reason(chunk)) is not None])
    if payloads.count(events.DONE) != 1 or payloads[-1] != events.DONE:
        raise _Flaw("the stream does not end with one [DONE]")
    return "".join(events.content(chunk) for chunk in chunks)


def _tells(reply: Reply, expected: str) -> bool:
    """Whether a stream broke off as it may: a part of the answer, then the error as its last event, and no [DONE]."""
    chunks = [_json(payload) for payload in events.payloads(bytes(reply.body))]
    if reply.failure is not None or not chunks or not all(isinstance(chunk, dict) for chunk in chunks):
        return False
    *answer, last = chunks
    text = "".join(events.content(chunk) for chunk in answer)
    is_unbroken = not any("error" in chunk for chunk in answer) and expected.startswith(text)
    return is_unbroken and _error(last).get("code") == _INCOMPLETE


def _check_finish(reasons: list[Any]) -> None:
    if len(reasons) != 1 or reasons[0] not in _WHOLE_FINISHES:
        raise _Flaw(f"expected one terminal chunk with finish_reason stop or length, found {reasons}")


def _check(text: str, expected: str) -> None:
    if text == expected:
        return
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, expected, strict=False)))
    raise _Flaw(
        f"wrong text: {len(text)} characters, expected {len(expected)}; from character {same} "
        f"{text[same : same + 24]!r}, expected {expected[same : same + 24]!r}"
    )


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _error_message(content: Any) -> str | None:
    """The message of an error in OpenAI's shape."""
    message = _error(content).get("message")
    return str(message) if message is not None else None


def _error(content: Any) -> dict[str, Any]:
    error = content.get("error") if isinstance(content, dict) else None
    return error if isinstance(error, dict) else {}
