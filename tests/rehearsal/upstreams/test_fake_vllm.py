"""The fake vLLM over HTTP: the right answers first, then each bad habit that does not need a process."""

import asyncio
import json
from pathlib import Path

import pytest

from rehearsal import generations
from rehearsal.answers import answer
from rehearsal.fake_behaviour import VllmBehaviour
from rehearsal.fake_vllm import _flags
from tests.rehearsal.upstreams.servers import FAST, MODEL, chunks, question, text_of, vllm

CHAT = "/v1/chat/completions"
SLOW = VllmBehaviour(first_token_seconds=0.01, token_seconds=0.05)


async def test_a_whole_answer_is_the_right_one() -> None:
    async with vllm() as (client, _):
        body = await (await client.post(CHAT, json=question(max_tokens=5))).json()
    assert body["choices"][0]["message"]["content"] == "".join(answer("hello", 5))
    assert body["choices"][0]["finish_reason"] == "length"
    assert body["usage"] == {"prompt_tokens": 1, "completion_tokens": 5, "total_tokens": 6}


async def test_a_stream_is_the_same_answer_with_role_first_and_done_last() -> None:
    async with vllm() as (client, _):
        events = chunks(await (await client.post(CHAT, json=question(stream=True))).text())
    assert events[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert events[-1] == "[DONE]"
    assert text_of(events) == "".join(answer("hello", 0))
    assert [event["choices"][0]["finish_reason"] for event in events[:-1]] == [None] * 24 + ["stop"]


async def test_usage_comes_only_when_asked_for_in_a_chunk_without_choices() -> None:
    asked = question(stream=True, stream_options={"include_usage": True}, max_tokens=3)
    async with vllm() as (client, _):
        events = chunks(await (await client.post(CHAT, json=asked)).text())
    assert events[-2]["choices"] == []
    assert events[-2]["usage"]["completion_tokens"] == 3


async def test_the_request_id_comes_back_only_with_vllms_flag() -> None:
    sent = {"x-request-id": "r-1"}
    async with vllm() as (client, _):
        reply = await client.post(CHAT, json=question(), headers=sent)
        assert reply.headers["x-request-id"] == "r-1"
        assert (await reply.json())["id"] == "chatcmpl-r-1"
    async with vllm(returns_request_id=False) as (client, _):
        assert "x-request-id" not in (await client.post(CHAT, json=question(), headers=sent)).headers


async def test_models_health_and_version() -> None:
    async with vllm() as (client, _):
        models = await (await client.get("/v1/models")).json()
        assert [model["id"] for model in models["data"]] == [MODEL]
        assert (await client.get("/health")).status == 200
        assert (await (await client.get("/version")).json())["version"].startswith("0.33")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"model":"tiny-model"}', b'{"model":"tiny-model","messages":[1]}'])
async def test_a_bad_request_is_answered_400_in_vllms_shape(body: bytes) -> None:
    async with vllm() as (client, _):
        reply = await client.post(CHAT, data=body)
        assert reply.status == 400
        assert (await reply.json())["error"]["code"] == 400


async def test_another_model_name_is_answered_404() -> None:
    async with vllm(VllmBehaviour(wrong_model="other")) as (client, _):
        assert (await client.post(CHAT, json=question())).status == 404
        models = await (await client.get("/v1/models")).json()
        assert models["data"][0]["id"] == "other"


async def test_one_that_is_never_ready_answers_503() -> None:
    async with vllm(VllmBehaviour(never_ready=True)) as (client, _):
        assert (await client.get("/health")).status == 503
        assert (await client.post(CHAT, json=question())).status == 503


async def test_a_completed_answer_is_logged_once(tmp_path: Path) -> None:
    log = tmp_path / "generations.jsonl"
    environ = {"SWITCHYARD_GENERATIONS": str(log), "SWITCHYARD_COLOUR": "green"}
    async with vllm(environ=environ) as (client, _):
        for streaming in (True, False):
            asked = question(stream=streaming)
            await (await client.post(CHAT, json=asked, headers={"x-request-id": f"r-{streaming}"})).read()
    entries = generations.read(log)
    assert [(entry.request_id, entry.colour) for entry in entries] == [("r-True", "green"), ("r-False", "green")]


async def test_an_answer_whose_client_left_is_not_logged_and_stops(tmp_path: Path) -> None:
    log = tmp_path / "generations.jsonl"
    async with vllm(SLOW, environ={"SWITCHYARD_GENERATIONS": str(log)}) as (client, fake):
        reply = await client.post(CHAT, json=question(stream=True))
        await reply.content.readline()
        reply.close()
        await asyncio.sleep(0.1)
        made = _tokens_made(fake.engine.exposition(MODEL))
        await asyncio.sleep(0.2)
        assert _tokens_made(fake.engine.exposition(MODEL)) == made < 24
        assert _gauge(fake.engine.exposition(MODEL), "running") == 0
    assert generations.read(log) == []


async def test_a_full_queue_is_503_without_retry_after() -> None:
    async with vllm(VllmBehaviour(max_queue=1, token_seconds=0.05)) as (client, fake):
        busy = asyncio.create_task(client.post(CHAT, json=question(max_tokens=6)))
        await asyncio.sleep(0.05)
        refused = await client.post(CHAT, json=question())
        assert refused.status == 503
        assert "retry-after" not in refused.headers
        assert 'reason="max_num_queued_reqs"} 1.0' in fake.engine.exposition(MODEL)
        assert (await busy).status == 200
        assert (await client.post(CHAT, json=question(max_tokens=1))).status == 200, "the place is free again"


async def test_requests_above_the_batch_wait_and_are_counted_as_waiting() -> None:
    async with vllm(SLOW, max_running=1) as (client, fake):
        asked = [asyncio.create_task(client.post(CHAT, json=question(max_tokens=3))) for _ in range(3)]
        await asyncio.sleep(0.06)
        metrics = fake.engine.exposition(MODEL)
        assert (_gauge(metrics, "running"), _gauge(metrics, "waiting")) == (1, 2)
        assert [(await reply).status for reply in asked] == [200] * 3


async def test_a_hung_engine_answers_nothing_while_health_is_200_and_its_gauges_read_0() -> None:
    async with vllm(FAST) as (client, fake):
        fake.engine.toggle_hang()
        asked = asyncio.create_task(client.post(CHAT, json=question()))
        done, _ = await asyncio.wait({asked}, timeout=0.2)
        assert not done
        assert (await client.get("/health")).status == 200
        assert _gauge(await (await client.get("/metrics")).text(), "running") == 0
        fake.engine.toggle_hang()
        assert (await asked).status == 200


async def test_headers_of_a_stream_come_long_before_its_first_token() -> None:
    """Status 200 says nothing yet: a limit on the first token must wait for content."""
    async with vllm(sse_keep_alive_seconds=0.05) as (client, fake):
        fake.engine.toggle_hang()
        reply = await client.post(CHAT, json=question(stream=True))
        assert reply.status == 200
        assert await reply.content.readline() == b": keep-alive\n"
        fake.engine.toggle_hang()
        assert text_of(chunks(await reply.text())) == "".join(answer("hello", 0))


async def test_invocations_answer_as_well() -> None:
    async with vllm() as (client, _):
        assert (await client.post("/invocations", json=question())).status == 200


def test_flags_that_are_not_imitated_are_ignored() -> None:
    others = "--cudagraph-capture-sizes 1 2 --disable-fastapi-docs --generation-config vllm"
    flags = _flags(f"serve /models/m {others} --port 8 --max-num-queued-reqs 96 --shutdown-timeout 100".split())
    assert (flags.root, flags.served_model_name, flags.port) == ("/models/m", "/models/m", 8)
    assert (flags.max_in_flight, flags.shutdown_timeout_seconds, flags.sse_keep_alive_seconds) == (96, 100.0, 0.0)


def _gauge(exposition: str, which: str) -> float:
    return _value(exposition, f"vllm:num_requests_{which}")


def _tokens_made(exposition: str) -> float:
    return _value(exposition, "vllm:generation_tokens_total")


def _value(exposition: str, metric: str) -> float:
    wanted = f'{metric}{{engine="0",model_name={json.dumps(MODEL)}}} '
    return next(float(line.removeprefix(wanted)) for line in exposition.splitlines() if line.startswith(wanted))
