"""`fab gateway.run` as a person runs it: a process in a terminal of its own, in front of a server that answers."""

import asyncio
import json
import os
import random
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.children import MEASURED
from tests.scripts.gateway.server import Server, serving

ROOT = Path(__file__).resolve().parents[3]
FAB = Path(sys.executable).parent / "fab"
KEY = "k" * 32
PATIENCE_SECONDS = 20.0

# Each starts two processes and waits for the end of a drain.
pytestmark = pytest.mark.slow


class Task:
    """The task in a process group of its own, as a terminal starts it."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address
        self.said = ""

    async def invited(self) -> str:
        """What is on stdout once it answers."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "Metrics:" not in self.said and (line := await self.process.stdout.readline()):
                self.said += line.decode()
        return self.said

    async def ask(self, key: str) -> tuple[int, str]:
        """The status of one request, and the tier that answered."""
        question = {"model": "tiny", "messages": [{"role": "user", "content": "?"}]}
        headers = {"authorization": f"Bearer {key}"}
        url = f"http://{self.address}:8080/v1/chat/completions"
        async with aiohttp.ClientSession() as client, client.post(url, json=question, headers=headers) as reply:
            return reply.status, reply.headers.get("x-switchyard-tier", "none")

    async def answering(self, key: str) -> None:
        """Returns once it answers."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    await self.ask(key)
                    return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)

    async def ended(self) -> tuple[int, str, str]:
        """The exit code, and what it wrote on stdout and stderr."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            output, errors = await self.process.communicate()
        return self.process.returncode or 0, self.said + output.decode(), errors.decode()


def own_address() -> str:
    """Of this machine, with the ports of production free."""
    return f"127.{random.randint(100, 200)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


@asynccontextmanager
async def gateway_run(*flags: str, address: str | None = None, **environ: str) -> AsyncIterator[Task]:
    address = address or own_address()
    process = await asyncio.create_subprocess_exec(
        FAB,
        "gateway.run",
        *("--bind", address, *flags),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **MEASURED, **environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Task(process, address)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(Server()) as found:
        yield found


async def test_one_command_gives_a_key_that_works_and_ctrl_c_leaves_nothing_behind(server: Server) -> None:
    async with gateway_run("--url", f"{server.url}/v1") as task:
        (key,) = re.findall(r"SWITCHYARD_API_KEY=(\S+)", await task.invited())
        family = [psutil.Process(task.process.pid), *psutil.Process(task.process.pid).children()]
        assert [key in " ".join(member.cmdline()) for member in family] == [False, False]

        assert await task.ask(key) == (200, "vllm")
        assert (await task.ask(KEY))[0] == 401
        assert server.asked == ["tiny"]

        os.killpg(task.process.pid, signal.SIGINT)  # as a terminal does: all of the group
        code, _, errors = await task.ended()
        assert code == 0 and "stopped, nothing is left running" in errors
        assert '"key":"local"' in errors and key not in errors
        assert not any(member.is_running() for member in family)


async def test_sigterm_to_the_task_alone_ends_the_gateway_too(server: Server) -> None:
    keys = json.dumps({"ana": KEY})
    async with gateway_run(VLLM_URL=server.url, MODEL_NAME="tiny", SWITCHYARD_API_KEYS=keys) as task:
        assert KEY not in await task.invited()
        (gateway,) = psutil.Process(task.process.pid).children()
        assert await task.ask(KEY) == (200, "vllm")
        task.process.terminate()
        assert (await task.ended())[0] == 0
        assert not gateway.is_running()


async def test_ctrl_c_waits_for_what_is_in_flight_and_a_second_one_does_not(server: Server) -> None:
    server.hangs = True
    async with gateway_run("--url", server.url) as task:
        (key,) = re.findall(r"SWITCHYARD_API_KEY=(\S+)", await task.invited())
        (gateway,) = psutil.Process(task.process.pid).children()
        asked = asyncio.create_task(task.ask(key))
        while not server.asked:  # noqa: ASYNC110 - a list tells nobody
            await asyncio.sleep(0.02)

        os.killpg(task.process.pid, signal.SIGINT)
        await asyncio.sleep(1.5)
        assert gateway.is_running() and not asked.done()
        os.killpg(task.process.pid, signal.SIGINT)

        code, _, errors = await task.ended()
        assert code == 4 and "the gateway was killed" in errors
        assert not gateway.is_running()
        with pytest.raises(aiohttp.ClientError):
            await asked


async def test_a_gateway_that_dies_ends_the_task_with_an_error(server: Server) -> None:
    async with gateway_run("--url", server.url) as task:
        await task.invited()
        (gateway,) = psutil.Process(task.process.pid).children()
        gateway.kill()
        code, _, errors = await task.ended()
        assert code == 1 and "ended with exit code -9" in errors


async def test_what_the_gateway_itself_refuses_is_shown_once_and_ends_the_task(server: Server) -> None:
    async with gateway_run("--url", server.url, SWITCHYARD_MAX_IN_FLIGHT="none") as task:
        code, output, errors = await task.ended()
        assert (code, output) == (1, "")
        assert errors.count("SWITCHYARD_MAX_IN_FLIGHT is 'none'") == 1 and "its own message is above" in errors


async def test_a_server_that_does_not_answer_yet_is_no_obstacle_under_a_name() -> None:
    async with gateway_run("--url", "http://127.0.0.1:1", "--model", "tiny") as task:
        (key,) = re.findall(r"SWITCHYARD_API_KEY=(\S+)", await task.invited())
        assert await task.ask(key) == (503, "none")
        task.process.terminate()
        assert "Warning: GET http://127.0.0.1:1/v1/models: Connection refused" in (await task.ended())[2]


async def test_a_port_that_something_else_has_is_not_taken_for_the_gateway(server: Server) -> None:
    address = own_address()
    with socket.create_server((address, 8080)):
        async with gateway_run("--url", server.url, address=address) as task:
            code, _, errors = await task.ended()
            assert code == 1 and f"{address}:8080: Address already in use; choose with --port" in errors


@pytest.mark.parametrize(
    ("flags", "environ", "says"),
    [
        ((), {}, "give --url http://HOST:PORT, or set VLLM_URL"),
        (("--url", "http://h", "--json"), {}, "too late for a new key: set SWITCHYARD_API_KEYS"),
        (("--url", "http://h", "--key-name", "x"), {"SWITCHYARD_API_KEYS": "{}"}, "no key is made"),
        (("--url", "http://h", "--metrics-port", "8080"), {}, "expected two ports"),
    ],
)
async def test_what_makes_no_sense_starts_nothing(flags: tuple[str, ...], environ: dict[str, str], says: str) -> None:
    async with gateway_run(*flags, **environ) as task:
        code, _, errors = await task.ended()
        assert code == 1 and says in errors


async def test_json_is_one_object_at_the_end(server: Server) -> None:
    keys = json.dumps({"ana": KEY})
    async with gateway_run("--url", server.url, "--json", SWITCHYARD_API_KEYS=keys) as task:
        await task.answering(KEY)
        task.process.terminate()
        found = json.loads((await task.ended())[1])
        assert (found["result"], found["model"], found["url"]) == ("done", "tiny", f"http://{task.address}:8080")
