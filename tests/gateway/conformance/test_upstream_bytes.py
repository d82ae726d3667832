"""Whatever an upstream says, a client gets a whole answer, or hears that it is none: never a 500, never silence.

The seeds are fixed. The log is looked at when all is over.
"""

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from gateway.settings import BreakerPolicy
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.gateway import speech
from tests.gateway.conformance import texts
from tests.gateway.conformance.background import Background, background_gateway
from tests.gateway.conformance.test_raw_bytes import SILENCE_SECONDS, request
from tests.gateway.speech import MODEL
from tests.gateway.stage import LIMITS
from tests.gateway.upstream import Script

BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}]},
    "/v1/completions": {"model": MODEL, "prompt": "Hi"},
}
GOOD = {
    "/v1/chat/completions": [speech.chunk({"content": "Hello"}), speech.chunk({}, finish="stop")],
    "/v1/completions": [texts.piece("Hello"), texts.piece("", finish="stop")],
}
FUZZING = settings(max_examples=100, deadline=None, database=None, phases=[Phase.explicit, Phase.generate])

PATHS = st.sampled_from(list(BODIES))
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 10**30, 1.5, "", "x", "\ud800", [], [None], [1], {}, {"a": None}, [[]], [{}]]
)
OF_A_CHUNK = ["id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier", "error"]
OF_A_CHOICE = ["index", "delta", "text", "finish_reason", "stop_reason", "logprobs", "message"]
OF_A_DELTA = ["role", "content", "refusal", "tool_calls", "function_call", "reasoning_content", "logprobs"]
CHANGES = st.lists(
    st.tuples(st.sampled_from(["chunk", "choice", "delta"]), st.integers(0, 20), ODD), min_size=1, max_size=3
)
STAINS = st.lists(st.tuples(st.integers(0, 600), st.binary(max_size=3)), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def serving() -> Iterator[Background]:
    """Whatever an upstream says, it is asked again."""
    with background_gateway(limits=LIMITS, breaker=BreakerPolicy(failures=1_000_000), cache=None) as opened:
        yield opened
    assert opened.complaints == []


def events(path: str) -> bytes:
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in GOOD[path]) + b"data: [DONE]\n\n"


def stained(data: bytes, stains: list[tuple[int, bytes]]) -> bytes:
    """`data` with bytes replaced."""
    for at, stain in stains:
        place = at % len(data)
        data = data[:place] + stain + data[place + 1 :]
    return data


def changed(path: str, changes: list[tuple[str, int, Any]]) -> list[dict[str, Any]]:
    """Good chunks in which some fields have odd values."""
    chunks: list[dict[str, Any]] = json.loads(json.dumps(GOOD[path]))
    for where, which, value in changes:
        chunk = chunks[which % len(chunks)]
        choice = chunk["choices"][0] if isinstance(chunk.get("choices"), list) and chunk["choices"] else None
        match where, choice:
            case "chunk", _:
                chunk[OF_A_CHUNK[which % len(OF_A_CHUNK)]] = value
            case "choice", dict():
                choice[OF_A_CHOICE[which % len(OF_A_CHOICE)]] = value
            case "delta", {"delta": dict() as delta}:
                delta[OF_A_DELTA[which % len(OF_A_DELTA)]] = value
    return chunks


def answered(serving: Background, path: str, script: Script, *, stream: bool) -> tuple[int, bytes]:
    """When both upstreams say that."""
    serving.stage.vllm.script = serving.stage.openai.script = script
    body = json.dumps({**BODIES[path], "stream": stream}).encode()
    with socket.create_connection(("127.0.0.1", serving.port), SILENCE_SECONDS) as client:
        client.sendall(request("POST", path.encode(), body, {}))
        with http.client.HTTPResponse(client, method="POST") as answer:
            answer.begin()
            return answer.status, answer.read()


def is_honest(status: int, body: bytes, *, stream: bool) -> bool:
    """A whole answer, or one that says that it is none."""
    if status != 200:
        return status in {502, 503} and "error" in json.loads(body)
    body.decode()
    if not stream:
        return bool(json.loads(body)["choices"])
    last = body.removesuffix(b"\n\n").rpartition(b"\n\n")[2]
    return last == b"data: [DONE]" or b'"stream_incomplete"' in last


@seed(1)
@FUZZING
@given(path=PATHS, stains=STAINS, stream=st.booleans())
def test_any_bytes_of_a_stream(path: str, stains: list[tuple[int, bytes]], stream: bool, serving: Background) -> None:
    script = [speech.HEAD, speech.frame(stained(events(path), stains)), speech.END]
    status, body = answered(serving, path, script, stream=stream)

    assert is_honest(status, body, stream=stream), (status, body)


@seed(2)
@FUZZING
@given(path=PATHS, changes=CHANGES, stream=st.booleans())
def test_any_values_in_a_stream(
    path: str, changes: list[tuple[str, int, Any]], stream: bool, serving: Background
) -> None:
    script = [speech.HEAD, *map(speech.sse, changed(path, changes)), speech.DONE + speech.END]
    status, body = answered(serving, path, script, stream=stream)

    assert is_honest(status, body, stream=stream), (status, body)


@seed(3)
@settings(FUZZING, max_examples=40)  # each waits for what its length says
@given(path=PATHS, stains=STAINS, stream=st.booleans(), status=st.sampled_from([200, 204, 301, 429, 500, 503]))
def test_any_bytes_of_a_whole_answer(
    path: str, stains: list[tuple[int, bytes]], stream: bool, status: int, serving: Background
) -> None:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "Hello"},
        "text": "Hello",
        "finish_reason": "stop",
    }
    answer = speech.response(status, {**GOOD[path][0], "choices": [choice], "usage": speech.USAGE})
    script = [stained(b"".join(part for part in answer if isinstance(part, bytes)), stains)]
    found, body = answered(serving, path, script, stream=stream)

    assert is_honest(found, body, stream=stream), (found, body)


@pytest.mark.parametrize("stream", [False, True])
def test_what_is_no_text_in_a_field_that_nobody_reads(stream: bool, serving: Background) -> None:
    path = "/v1/chat/completions"
    odd = json.dumps(GOOD[path][1]).encode()[:-1] + b', "x": "\xff"}'
    script = [speech.HEAD, speech.sse(odd), speech.DONE + speech.END]

    assert answered(serving, path, script, stream=stream)[0] == 502
