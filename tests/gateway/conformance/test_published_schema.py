"""What clients get has the shape that OpenAI publishes, whichever tier answered, streamed or not."""

import io
import json
from typing import Any

import pytest
from gateway.cache.replay import replay
from gateway.endpoints import CHAT
from gateway.settings import OpenAiAccount

from tests.gateway import speech
from tests.gateway.conformance.answers import DELTAS, FINISHES, LOGPROBS, finish_of, streamed, whole
from tests.gateway.conformance.kept import only_the_cache_answers
from tests.gateway.conformance.published import problems
from tests.gateway.stage import Answered, Stage
from tests.gateway.upstream import CUT, PAUSE, RESET, Script

EVERY_KIND = pytest.mark.parametrize("kind", DELTAS)
USAGE_ASKED = {"include_usage": True}


def chunks_of(answer: Answered) -> list[Any]:
    """A whole stream's chunks, each of which is sound."""
    *chunks, end = answer.events
    assert end == "[DONE]"
    for chunk in chunks:
        assert problems("chat.completion.chunk", chunk) == []
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    return chunks


@EVERY_KIND
async def test_an_assembled_answer(stage: Stage, kind: str) -> None:
    stage.vllm.script = streamed(*DELTAS[kind], finish=finish_of(DELTAS[kind]))
    await stage.start()

    assert problems("chat.completion", (await stage.ask()).json) == []


@EVERY_KIND
async def test_a_stream(stage: Stage, kind: str) -> None:
    stage.vllm.script = streamed(*DELTAS[kind], finish=finish_of(DELTAS[kind]))
    await stage.start()

    chunks = chunks_of(await stage.ask(stream=True))

    assert all(chunk["choices"] for chunk in chunks), "no usage was asked for"


@EVERY_KIND
async def test_a_stream_of_the_second_tier(stage: Stage, kind: str) -> None:
    stage.vllm.script = [RESET]
    stage.openai.script = streamed(*DELTAS[kind], finish=finish_of(DELTAS[kind]), model=speech.OPENAI_MODEL)
    await stage.start()

    assert chunks_of(await stage.ask(stream=True, stream_options=USAGE_ASKED))[-1]["usage"] == speech.USAGE


async def test_a_whole_answer_of_the_second_tier(stage: Stage) -> None:
    stage.vllm.script = [RESET]
    stage.openai.script = whole({"content": "Hello"}, logprobs=LOGPROBS)
    await stage.start()

    assert problems("chat.completion", (await stage.ask()).json) == []


@pytest.mark.parametrize("finish", FINISHES)
async def test_each_way_to_finish(stage: Stage, finish: str) -> None:
    stage.vllm.script = streamed({"content": "Hel"}, finish=finish)
    await stage.start()

    answer = (await stage.ask()).json

    assert problems("chat.completion", answer) == []
    assert answer["choices"][0]["finish_reason"] == finish
    assert chunks_of(await stage.ask(stream=True))[-1]["choices"][0]["finish_reason"] == finish


async def test_several_choices(stage: Stage) -> None:
    stage.vllm.script = streamed({"content": "Hello"}, choices=3)
    await stage.start()

    answer = (await stage.ask(n=3)).json

    assert problems("chat.completion", answer) == []
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    streamed_chunks = chunks_of(await stage.ask(n=3, stream=True))
    assert {choice["index"] for chunk in streamed_chunks for choice in chunk["choices"]} == {0, 1, 2}


async def test_streamed_logprobs(stage: Stage) -> None:
    stage.vllm.script = streamed({"content": "Hi"}, logprobs=LOGPROBS)
    await stage.start()

    chunks = chunks_of(await stage.ask(stream=True, logprobs=True))

    assert [chunk["choices"][0]["logprobs"] for chunk in chunks if chunk["choices"][0]["logprobs"]] == [LOGPROBS]


async def test_assembled_logprobs(stage: Stage) -> None:
    stage.vllm.script = streamed({"content": "Hi"}, {"content": "Hi"}, logprobs=LOGPROBS)
    await stage.start()

    answer = (await stage.ask(logprobs=True)).json

    assert problems("chat.completion", answer) == []
    assert answer["choices"][0]["logprobs"] == {"content": LOGPROBS["content"] * 2, "refusal": None}


async def test_an_upstream_that_tells_no_usage(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hello", finish="stop"), speech.DONE + speech.END]
    await stage.start()

    assert problems("chat.completion", (await stage.ask()).json) == []


async def test_the_usage_is_one_more_chunk_for_who_asks(stage: Stage) -> None:
    stage.vllm.script = streamed({"content": "Hello"})
    await stage.start()

    *said, last = chunks_of(await stage.ask(stream=True, stream_options=USAGE_ASKED))

    assert (last["choices"], last["usage"]) == ([], speech.USAGE)
    assert all(chunk["choices"] and not chunk.get("usage") for chunk in said)


@EVERY_KIND
async def test_an_answer_replayed_as_a_stream(stage: Stage, kind: str) -> None:
    stage.vllm.script = streamed(*DELTAS[kind], finish=finish_of(DELTAS[kind]))
    await stage.start()
    kept = (await stage.ask()).body

    chunks = chunks_of(Answered(200, {}, replay(kept, CHAT, wants_usage=True)))

    assert chunks[-1]["usage"] == json.loads(kept)["usage"]
    assert not any(chunk.get("usage") for chunk in chunks_of(Answered(200, {}, replay(kept, CHAT, wants_usage=False))))


@EVERY_KIND
@pytest.mark.parametrize("first_stream", [False, True], ids=["kept-whole", "kept-stream"])
async def test_an_earlier_answer(stage: Stage, kind: str, first_stream: bool) -> None:
    stage.vllm.script = streamed(*DELTAS[kind], finish=finish_of(DELTAS[kind]), logprobs=LOGPROBS)
    await stage.start()
    first = await stage.ask(stream=first_stream)
    await only_the_cache_answers(stage)

    again, chunks = await stage.ask(), chunks_of(await stage.ask(stream=True, stream_options=USAGE_ASKED))

    assert (first.headers["x-switchyard-tier"], again.headers["x-switchyard-tier"]) == ("vllm", "cache")
    assert problems("chat.completion", again.json) == []
    assert again.json["usage"] == chunks[-1]["usage"] == dict.fromkeys(speech.USAGE, 0)


async def test_the_models_and_their_other_names(stage: Stage) -> None:
    account = OpenAiAccount(f"{stage.openai.url}/v1", "gpt-4o", "sk-openai", aliases={"cheap": "gpt-4o-mini"})
    await stage.start(openai=account, model_aliases=frozenset({"best"}))

    answer = (await stage.request("GET", "/v1/models")).json

    assert problems("list", answer) == []
    assert [model["id"] for model in answer["data"]] == [speech.MODEL, "best", "cheap"]


@pytest.mark.parametrize(
    ("status", "method", "path", "headers", "body"),
    [
        (400, "POST", "/v1/chat/completions", {}, b"{"),
        (401, "POST", "/v1/chat/completions", {"authorization": "Bearer sk-other"}, b"{}"),
        (404, "POST", "/v1/chat/completions", {}, b'{"model": "other", "messages": [{}]}'),
        (404, "POST", "/v1/embeddings", {}, b"{}"),
        (405, "GET", "/v1/chat/completions", {}, b""),
        (413, "POST", "/v1/chat/completions", {}, b"x" * 3 * 1024 * 1024),
    ],
)
async def test_a_refused_request(
    stage: Stage, status: int, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    await stage.start()

    answer = await stage.request(method, path, data=io.BytesIO(body) if body else None, headers=headers)

    assert answer.status == status
    assert problems("error", answer.json) == []


@pytest.mark.parametrize(
    ("status", "external", "script"),
    [
        (400, True, speech.error(400)),
        (502, True, [RESET]),
        (503, False, [RESET]),
        (503, True, speech.error(503)),
        (503, True, speech.error(429)),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_failed_request(stage: Stage, stream: bool, status: int, external: bool, script: Script) -> None:
    stage.vllm.script = stage.openai.script = script
    await stage.start(external=external)

    answer = await stage.ask(stream=stream)

    assert answer.status == status
    assert problems("error", answer.json) == []


async def test_a_stream_that_breaks_ends_with_an_error_and_without_done(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), PAUSE, CUT]
    await stage.start()

    *chunks, last = (await stage.ask(stream=True)).events

    assert [problems("chat.completion.chunk", chunk) for chunk in chunks] == [[]]
    assert problems("error", last) == []
