"""The bad habits of vLLM that need a process: refusing while it loads, crashing, draining, dying."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.rehearsal.upstreams.servers import VllmProcess, chunks, question, vllm_process


async def ask(vllm: VllmProcess, session: aiohttp.ClientSession, **changes: Any) -> tuple[int, str]:
    async with session.post(f"{vllm.url}/v1/chat/completions", json=question(**changes)) as reply:
        return reply.status, await reply.text()


async def listens_to_sigterm(pid: int) -> None:
    """Until the process has a handler: a SIGTERM before that ends Python itself."""
    for _ in range(500):
        mask = Path(f"/proc/{pid}/status").read_text().partition("SigCgt:")[2].split()[0]
        if int(mask, 16) >> (signal.SIGTERM - 1) & 1:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("no handler for SIGTERM after 10 s")


async def test_the_port_refuses_until_the_model_is_loaded_and_a_stop_ends_the_loading() -> None:
    async with vllm_process("start_seconds=30") as (vllm, session):
        await listens_to_sigterm(vllm.process.pid)
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{vllm.url}/health")
        vllm.send(signal.SIGTERM)
        assert await vllm.wait() == 0


async def test_a_crash_looks_like_one_of_cuda() -> None:
    async with vllm_process("crash=1") as (vllm, _):
        _, complaint = await vllm.process.communicate()
        assert await vllm.wait() == 1
        assert b"CUDA out of memory" in complaint


async def test_an_unknown_fault_is_refused_at_start() -> None:
    async with vllm_process("explode=1") as (vllm, _):
        _, complaint = await vllm.process.communicate()
        assert await vllm.wait() == 1
        assert b"FAKE_VLLM: behaviour explode: unknown" in complaint


async def test_a_drain_finishes_what_runs_and_answers_500_while_health_is_200() -> None:
    async with vllm_process("token_seconds=0.04", "--shutdown-timeout", "10") as (vllm, session):
        await vllm.until_healthy(session)
        running = asyncio.create_task(ask(vllm, session, stream=True))
        await asyncio.sleep(0.2)
        vllm.send(signal.SIGTERM)
        await asyncio.sleep(0.1)
        status, body = await ask(vllm, session)
        assert status == 500
        assert "cannot schedule new futures after shutdown" in body
        async with session.get(f"{vllm.url}/health") as health:
            assert health.status == 200
        status, body = await running
        assert status == 200
        assert chunks(body)[-1] == "[DONE]"
        assert await vllm.wait() == 0


async def test_a_drain_that_takes_too_long_cuts_what_is_left() -> None:
    async with vllm_process("token_seconds=1", "--shutdown-timeout", "0.3") as (vllm, session):
        await vllm.until_healthy(session)
        running = asyncio.create_task(ask(vllm, session, stream=True))
        await asyncio.sleep(0.2)
        vllm.send(signal.SIGTERM)
        with pytest.raises(aiohttp.ClientError):
            await running
        assert await vllm.wait() == 0


async def test_without_a_shutdown_timeout_requests_are_left_hanging_and_the_process_lingers() -> None:
    async with vllm_process("token_seconds=0.02") as (vllm, session):
        await vllm.until_healthy(session)
        running = asyncio.create_task(ask(vllm, session))
        await asyncio.sleep(0.1)
        vllm.send(signal.SIGTERM)
        done, _ = await asyncio.wait({running}, timeout=0.8)
        assert not done and vllm.process.returncode is None
        vllm.send(signal.SIGKILL)
        with pytest.raises(aiohttp.ClientError):
            await running


async def test_an_idle_vllm_stops_at_once() -> None:
    async with vllm_process("") as (vllm, session):
        await vllm.until_healthy(session)
        vllm.send(signal.SIGTERM)
        assert await vllm.wait() == 0


async def test_one_that_dies_does_so_in_the_middle_of_a_stream() -> None:
    async with vllm_process("die_after_seconds=0,first_token_seconds=0") as (vllm, session):
        await vllm.until_healthy(session)
        assert (await ask(vllm, session, max_tokens=1))[0] == 200
        reply = await session.post(f"{vllm.url}/v1/chat/completions", json=question(stream=True))
        assert reply.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await reply.text()
        assert await vllm.wait() == 1


async def test_a_client_that_leaves_costs_no_more_tokens() -> None:
    async with vllm_process("token_seconds=0.2") as (vllm, session):
        await vllm.until_healthy(session)
        asked = asyncio.create_task(ask(vllm, session))
        await asyncio.sleep(0.1)
        assert await _running(vllm, session) == 1
        asked.cancel()
        await asyncio.sleep(0.1)
        assert await _running(vllm, session) == 0


async def test_hanging_is_switched_by_signal() -> None:
    async with vllm_process("") as (vllm, session):
        await vllm.until_healthy(session)
        vllm.send(signal.SIGUSR1)
        asked = asyncio.create_task(ask(vllm, session, max_tokens=1))
        done, _ = await asyncio.wait({asked}, timeout=0.3)
        assert not done
        vllm.send(signal.SIGUSR1)
        assert (await asked)[0] == 200


async def _running(vllm: VllmProcess, session: aiohttp.ClientSession) -> float:
    async with session.get(f"{vllm.url}/metrics") as reply:
        lines = (await reply.text()).splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith("vllm:num_requests_running{"))
