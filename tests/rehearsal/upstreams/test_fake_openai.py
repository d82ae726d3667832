"""The fake OpenAI: a key is needed, answers are right, faults come and go."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from rehearsal import generations
from rehearsal.answers import answer
from rehearsal.fake_behaviour import OpenAIBehaviour
from tests.rehearsal.upstreams.servers import KEY, chunks, openai, question, text_of

CHAT = "/v1/chat/completions"


async def status_of(client: TestClient[Any, Any], **headers: str) -> int:
    return (await client.post(CHAT, json=question(), headers=headers)).status


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Basic sk-test", "sk-test"])
async def test_a_request_without_a_bearer_key_is_refused_in_openais_shape(authorization: str) -> None:
    async with openai() as client:
        reply = await client.post(CHAT, json=question(), headers={"authorization": authorization})
        assert reply.status == 401
        assert (await reply.json())["error"]["code"] == "invalid_api_key"


async def test_a_set_key_is_the_only_one_and_healing_keeps_it() -> None:
    async with openai(OpenAIBehaviour(key="sk-real", first_token_seconds=0, token_seconds=0)) as client:
        assert await status_of(client, **KEY) == 401
        assert await status_of(client, authorization="Bearer sk-real") == 200
        await client.post("/__faults", json={})
        assert await status_of(client, **KEY) == 401
        assert "sk-real" not in await (await client.get("/__faults")).text()


async def test_both_modes_give_the_right_answer_for_any_model() -> None:
    async with openai() as client:
        body = await (await client.post(CHAT, json=question(model="gpt-4o", max_tokens=4), headers=KEY)).json()
        events = chunks(await (await client.post(CHAT, json=question(stream=True), headers=KEY)).text())
    assert body["model"] == "gpt-4o"
    assert body["choices"][0]["message"]["content"] == "".join(answer("hello", 4))
    assert text_of(events) == "".join(answer("hello", 0))
    assert events[-1] == "[DONE]"


async def test_its_request_id_is_its_own_and_the_log_has_the_callers(tmp_path: Path) -> None:
    log = tmp_path / "generations.jsonl"
    async with openai(environ={"SWITCHYARD_GENERATIONS": str(log)}) as client:
        for streaming in (True, False):
            asked = question(stream=streaming)
            reply = await client.post(CHAT, json=asked, headers={**KEY, "x-request-id": f"r-{streaming}"})
            assert reply.headers["x-request-id"].startswith("req_")
            await reply.read()
    entries = generations.read(log)
    assert [(entry.request_id, entry.upstream, entry.colour) for entry in entries] == [
        ("r-True", "openai", None),
        ("r-False", "openai", None),
    ]


async def test_a_fault_is_set_shown_and_healed_while_it_runs() -> None:
    async with openai() as client:
        assert (await client.post("/__faults", json={"status": 429, "retry_after_seconds": 7})).status == 200
        reply = await client.post(CHAT, json=question(), headers=KEY)
        assert (reply.status, reply.headers["retry-after"]) == (429, "7")
        assert (await (await client.get("/__faults")).json())["status"] == 429
        await client.post("/__faults", json={})
        assert await status_of(client, **KEY) == 200


@pytest.mark.parametrize("body", ['{"explode": 1}', '{"status": "bad"}', "[]", "{"])
async def test_an_unknown_fault_is_refused_and_changes_nothing(body: str) -> None:
    async with openai(OpenAIBehaviour(status=503)) as client:
        assert (await client.post("/__faults", data=body)).status == 400
        assert await status_of(client, **KEY) == 503


async def test_a_cut_stream_has_no_end_and_is_not_logged(tmp_path: Path) -> None:
    log = tmp_path / "generations.jsonl"
    cut = OpenAIBehaviour(first_token_seconds=0, token_seconds=0.01, cut_after_tokens=3)
    async with openai(cut, {"SWITCHYARD_GENERATIONS": str(log)}) as client:
        reply = await client.post(CHAT, json=question(stream=True), headers=KEY)
        with pytest.raises(aiohttp.ClientPayloadError):
            await reply.text()
    assert generations.read(log) == []


async def test_a_hang_answers_nothing() -> None:
    async with openai(OpenAIBehaviour(hang=True)) as client:
        asked = asyncio.create_task(client.post(CHAT, json=question(), headers=KEY))
        done, _ = await asyncio.wait({asked}, timeout=0.2)
        assert not done
        asked.cancel()
