"""The process: how it starts, how it refuses to, and how it ends without losing a request."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import pytest
from gateway.errors import CannotListen
from gateway.listener import bind

from tests.gateway import speech
from tests.gateway.process import gateway_process, run, told
from tests.gateway.upstream import HANG, PAUSE, Step, Upstream

SLOW_STREAM: list[bytes | Step] = [speech.HEAD, *[step for _ in range(12) for step in (speech.text("a"), PAUSE)]]
HUNG_STREAM: list[bytes | Step] = [speech.HEAD, speech.text("Hel"), HANG]


@pytest.fixture
async def vllm() -> AsyncIterator[Upstream]:
    async with Upstream().open() as opened:
        yield opened


async def test_sigterm_loses_neither_the_open_stream_nor_a_late_request(vllm: Upstream) -> None:
    vllm.script = [*SLOW_STREAM, speech.FINISH, speech.DONE + speech.END]
    async with gateway_process(vllm.url) as gateway:
        assert await gateway.get("/ready") == (200, "keep-alive")
        assert await gateway.check() == 0

        opened = await gateway.send(stream=True)
        await vllm.saw()
        gateway.process.terminate()
        await asyncio.sleep(0.1)
        late = await gateway.send(stream=False)

        assert await gateway.get("/ready") == (503, "close")
        assert await gateway.get("/health") == (200, "close")
        assert b"[DONE]" in await opened.read()
        head, _, body = (await late.read()).partition(b"\r\n\r\n")
        assert b" 200 " in head and b"connection: close" in head
        assert json.loads(body)["choices"][0]["message"]["content"] == "a" * 12

        status, output, errors = await gateway.stopped()
        assert (status, errors) == (0, "")
        assert [json.loads(line)["ended"] for line in output.splitlines()] == ["2xx", "2xx"]
        assert await gateway.check() == 1


async def test_what_outlives_the_stop_timeout_is_told_so_in_band(vllm: Upstream) -> None:
    vllm.script = HUNG_STREAM
    async with gateway_process(vllm.url, SWITCHYARD_STOP_TIMEOUT_SECONDS="0.8") as gateway:
        stream, whole = await gateway.send(stream=True), await gateway.send(stream=False)
        await vllm.saw(2)
        gateway.process.terminate()

        said = await stream.read()
        assert b"Hel" in said and b"stream_incomplete" in said and b"[DONE]" not in said
        assert said.endswith(b"0\r\n\r\n")
        assert b" 503 " in (await whole.read()).partition(b"\r\n")[0]
        assert [await seen.was_left() for seen in vllm.seen] == [True, True]

        assert (await gateway.stopped())[0] == 0


async def test_a_wrong_environment_is_one_message_and_exit_1() -> None:
    environ = {**told("nonsense"), "SWITCHYARD_COLOUR": "purple", "OPENAI_API_KEY": "sk-very-secret"}
    process = await run("gateway", environ)
    output, errors = await process.communicate()

    lines = errors.decode().splitlines()
    assert (process.returncode, output) == (1, b"")
    assert lines[0].startswith("gateway: 2 settings are wrong")
    assert {line.split()[0] for line in lines[1:]} == {"SWITCHYARD_COLOUR", "SWITCHYARD_VLLM_URL"}
    assert b"Traceback" not in errors and b"sk-very-secret" not in errors


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with bind("127.0.0.1", 0) as taken, pytest.raises(CannotListen, match=r"cannot listen on 127.0.0.1:\d+: Address"):
        bind("127.0.0.1", taken.getsockname()[1])


def test_a_reused_connection_does_not_wait_for_acknowledgements() -> None:
    with bind("127.0.0.1", 0) as bound:
        assert bound.proto == socket.IPPROTO_TCP  # only then does asyncio set TCP_NODELAY


@pytest.mark.parametrize("address", ["203.0.113.1", "no such host"])
def test_an_address_of_another_machine_is_refused(address: str) -> None:
    with pytest.raises(CannotListen, match="SWITCHYARD_BIND_ADDRESS"):
        bind(address, 0)
