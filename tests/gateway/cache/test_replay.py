"""A whole answer, sent as a stream, says the same to whoever reads it: the official client, and our own reading."""

import json
from typing import Any

import msgspec
import pytest
from gateway.cache.replay import replay
from gateway.chunks import StreamReading
from gateway.endpoints import CHAT, TEXT, Endpoint
from openai._streaming import SSEDecoder
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types import Completion
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.gateway.cache.stage import USAGE, answer

TOKEN = {"token": "Hi", "logprob": -0.25, "bytes": [72, 105], "top_logprobs": []}
CALLS = [
    {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
    {"id": "call_2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
]


def choice(message: dict[str, Any], *, index: int = 0, finish: str = "stop", logprobs: Any = None) -> dict[str, Any]:
    said = {"role": "assistant", "content": None, "refusal": None, **message}
    return {"index": index, "message": said, "logprobs": logprobs, "finish_reason": finish}


TEXT_LOGPROBS = {"tokens": ["Hi"], "token_logprobs": [-0.25], "top_logprobs": None, "text_offset": [0]}
PLAIN = [choice({"content": "Hello\nthere, «you»!"})]
SEVERAL = [choice({"content": word}, index=index) for index, word in enumerate(["one", "two", "three"])]
TOOLS = [choice({"tool_calls": CALLS}, finish="tool_calls")]
REFUSAL = [choice({"refusal": "I will not."})]
LOGPROBS = [choice({"content": "Hi"}, logprobs={"content": [TOKEN], "refusal": None})]
EMPTY = [choice({"content": ""})]
CUT_SHORT = [choice({"content": "Hel"}, finish="length")]
CHATS = [PLAIN, SEVERAL, TOOLS, REFUSAL, LOGPROBS, EMPTY, CUT_SHORT]


def events(stream: bytes) -> list[str]:
    """As the official client cuts them."""
    return [found.data for found in SSEDecoder().iter_bytes(iter([stream]))]


def chunks(stream: bytes) -> list[dict[str, Any]]:
    *said, done = events(stream)
    assert done == "[DONE]"
    return [json.loads(data) for data in said]


def text_answer(*texts: str, **more: Any) -> bytes:
    said = [{"index": i, "text": text, "logprobs": None, "finish_reason": "stop"} for i, text in enumerate(texts)]
    return answer(choices=said, object="text_completion", **more)


def joined(body: bytes) -> dict[str, Any]:
    """What the official client's own accumulator makes of it."""
    state = ChatCompletionStreamState()
    for chunk in chunks(replay(body, CHAT, wants_usage=True)):
        state.handle_chunk(ChatCompletionChunk.model_validate(chunk, strict=True))
    return state.current_completion_snapshot.to_dict()


def stripped(value: Any) -> Any:
    """Without what says nothing: an accumulator leaves empty what was never there."""
    if isinstance(value, dict):
        return {k: stripped(v) for k, v in value.items() if v not in (None, [], "") and k != "parsed_arguments"}
    return [stripped(entry) for entry in value] if isinstance(value, list) else value


@pytest.mark.parametrize("choices", CHATS)
def test_the_official_client_puts_the_very_answer_together_again(choices: list[dict[str, Any]]) -> None:
    body = answer(choices=choices, system_fingerprint="fp_1", service_tier="default")
    ChatCompletion.model_validate_json(body, strict=True)
    whole = json.loads(body)
    for said in whole["choices"]:
        for index, call in enumerate(said["message"].get("tool_calls", [])):
            call["index"] = index
    assert stripped(joined(body)) == stripped(whole)


@pytest.mark.parametrize("choices", CHATS)
def test_every_event_is_a_chunk_of_the_published_type(choices: list[dict[str, Any]]) -> None:
    for chunk in chunks(replay(answer(choices=choices), CHAT, wants_usage=True)):
        parsed = ChatCompletionChunk.model_validate(chunk, strict=True)
        assert (parsed.object, parsed.id, parsed.model) == ("chat.completion.chunk", "chatcmpl-1", "resume")


@pytest.mark.parametrize("choices", CHATS)
def test_our_own_reading_takes_it_for_a_whole_stream(choices: list[dict[str, Any]]) -> None:
    reading = StreamReading(len(choices))
    reading.feed(replay(answer(choices=choices), CHAT, wants_usage=True))
    assert reading.complete
    assert reading.usage == USAGE


def test_each_choice_speaks_first_and_ends_in_an_event_of_its_own() -> None:
    found = [chunk["choices"][0] for chunk in chunks(replay(answer(), CHAT, wants_usage=False))]
    assert found == [
        {"index": 0, "logprobs": None, "delta": {"role": "assistant", "content": "Hello!"}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    ]


def test_why_vllm_stopped_is_kept() -> None:
    said = choice({"content": "Hi", "reasoning_content": "hm"}) | {"stop_reason": "###"}
    first, last = (chunk["choices"][0] for chunk in chunks(replay(answer(choices=[said]), CHAT, wants_usage=False)))
    assert first["delta"]["reasoning_content"] == "hm"
    assert "stop_reason" not in first
    assert last["stop_reason"] == "###"


@pytest.mark.parametrize(("endpoint", "body"), [(CHAT, answer()), (TEXT, text_answer("Hi"))])
def test_the_usage_comes_last_and_only_to_who_wants_it(endpoint: Endpoint, body: bytes) -> None:
    *said, last = chunks(replay(body, endpoint, wants_usage=True))
    assert (last["choices"], last["usage"]) == ([], USAGE)
    assert chunks(replay(body, endpoint, wants_usage=False)) == said
    assert not any("usage" in chunk for chunk in said)


def test_a_usage_that_is_not_known_is_not_made_up() -> None:
    assert replay(answer(usage=None), CHAT, wants_usage=True) == replay(answer(), CHAT, wants_usage=False)


def test_a_text_completion_comes_as_text() -> None:
    said = {"index": 0, "text": "Hi", "logprobs": TEXT_LOGPROBS, "finish_reason": "length"}
    (chunk,) = chunks(replay(answer(choices=[said], object="text_completion"), TEXT, wants_usage=False))
    parsed = Completion.model_validate(chunk, strict=True)
    assert parsed.object == "text_completion"
    assert parsed.to_dict()["choices"] == [said]


def test_several_texts_stay_apart() -> None:
    found = chunks(replay(text_answer("one", "two"), TEXT, wants_usage=False))
    assert [(chunk["choices"][0]["index"], chunk["choices"][0]["text"]) for chunk in found] == [(0, "one"), (1, "two")]


def test_an_answer_written_over_many_lines_is_one_event_a_line() -> None:
    spread = json.dumps(json.loads(answer()), indent=2).replace("\n", "\r\n").encode()
    assert replay(spread, CHAT, wants_usage=True) == replay(answer(), CHAT, wants_usage=True)


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        (CHAT, b"no json"),
        (CHAT, b"[]"),
        (CHAT, b"{}"),
        (CHAT, b'{"choices": []}'),
        (CHAT, b'{"choices": ["x"]}'),
        (CHAT, text_answer("Hi")),
        (TEXT, answer()),
        (CHAT, answer(choices=[choice({}) | {"message": "Hi"}])),
        (CHAT, answer(choices=[choice({"tool_calls": ["x"]})])),
        (CHAT, answer(choices=[choice({}) | {"finish_reason": None}])),
        (CHAT, answer(usage="much")),
    ],
)
def test_what_is_no_answer_of_that_endpoint_is_refused(endpoint: Endpoint, body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        replay(body, endpoint, wants_usage=True)
