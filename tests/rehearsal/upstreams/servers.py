"""The fake upstreams, in-process where possible, and as processes where signals and ports matter."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from rehearsal.fake_behaviour import OpenAIBehaviour, VllmBehaviour
from rehearsal.fake_openai import FakeOpenAI
from rehearsal.fake_vllm import FakeVllm, Flags

MODEL = "tiny-model"
FAST = VllmBehaviour(first_token_seconds=0.0, token_seconds=0.0)
FLAGS = Flags(
    root="/models/tiny-model",
    host="127.0.0.1",
    port=0,
    served_model_name=MODEL,
    max_model_length=2048,
    max_running=256,
    max_in_flight=None,
    shutdown_timeout_seconds=0.0,
    sse_keep_alive_seconds=0.0,
    returns_request_id=True,
)
KEY = {"authorization": "Bearer sk-test"}


def question(content: str = "hello", **changes: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": content}], **changes}


@asynccontextmanager
async def vllm(
    behaviour: VllmBehaviour = FAST, environ: dict[str, str] | None = None, **flags: Any
) -> AsyncIterator[tuple[TestClient[Any, Any], FakeVllm]]:
    fake = FakeVllm(replace(FLAGS, **flags), behaviour, environ or {})
    async with TestClient(TestServer(fake.application(), handler_cancellation=True)) as client:
        yield client, fake


@asynccontextmanager
async def openai(
    behaviour: OpenAIBehaviour | None = None, environ: dict[str, str] | None = None
) -> AsyncIterator[TestClient[Any, Any]]:
    fake = FakeOpenAI(behaviour or OpenAIBehaviour(first_token_seconds=0, token_seconds=0), environ or {})
    async with TestClient(TestServer(fake.application(), handler_cancellation=True)) as client:
        yield client


def chunks(body: str) -> list[Any]:
    """The JSON payloads of an event stream, `[DONE]` as itself."""
    payloads = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data: ")]
    return [payload if payload == "[DONE]" else json.loads(payload) for payload in payloads]


def text_of(events: list[Any]) -> str:
    deltas = [event["choices"][0]["delta"] for event in events if event != "[DONE]" and event["choices"]]
    return "".join(delta.get("content", "") for delta in deltas)


class VllmProcess:
    """`vllm serve` as a process, for what only a process can do: refuse, drain, die."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def wait(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 5)

    async def until_healthy(self, session: aiohttp.ClientSession) -> None:
        for _ in range(200):
            try:
                async with session.get(f"{self.url}/health"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.03)
        raise AssertionError("the fake vLLM did not come up")


@asynccontextmanager
async def vllm_process(behaviour: str, *flags: str) -> AsyncIterator[tuple[VllmProcess, aiohttp.ClientSession]]:
    port = _free_port()
    common = ("--host", "127.0.0.1", "--port", str(port), "--served-model-name", MODEL)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "rehearsal.fake_vllm", "serve", "/models/tiny", *common, *flags),
        env={**os.environ, "FAKE_VLLM": behaviour},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            yield VllmProcess(process, port), session
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
