"""`python -m gateway` as a container runs it: a process of its own, with the ports of production.

Each one gets a loopback address of its own, so that the fixed ports are free.
"""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.children import MEASURED
from tests.gateway.speech import MODEL
from tests.gateway.stage import KEY, raw_request

APP_IMAGE = Path(__file__).parents[2] / "app_image"
START_SECONDS = 10.0


@dataclass
class Process:
    """A gateway on its own address."""

    address: str
    environ: dict[str, str]
    process: asyncio.subprocess.Process
    clients: list[asyncio.StreamWriter] = field(default_factory=list)

    async def get(self, path: str) -> tuple[int, str]:
        """The status, and what the answer says about the connection. Each time over a new one."""
        async with aiohttp.ClientSession() as client, client.get(f"http://{self.address}:8080{path}") as reply:
            return reply.status, reply.headers.get("connection", "keep-alive")

    async def send(self, *, stream: bool) -> asyncio.StreamReader:
        """A new connection with a whole request on it."""
        reader, writer = await asyncio.open_connection(self.address, 8080)
        writer.write(raw_request(stream=stream))
        await writer.drain()
        self.clients.append(writer)
        return reader

    async def stopped(self) -> tuple[int, str, str]:
        output, errors = await self.process.communicate()
        return self.process.returncode or 0, output.decode(), errors.decode()

    async def check(self) -> int:
        """The exit status of the container's health check."""
        process = await run("gateway.check", self.environ)
        await process.communicate()
        return process.returncode or 0

    async def _healthy(self) -> None:
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    await self.get("/health")
                    return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)


@asynccontextmanager
async def gateway_process(vllm_url: str, **changes: str) -> AsyncIterator[Process]:
    address = f"127.{random.randint(100, 200)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
    environ = {**told(vllm_url), "SWITCHYARD_BIND_ADDRESS": address, **changes}
    started = Process(address, environ, await run("gateway", environ))
    try:
        await started._healthy()
        yield started
    finally:
        for client in started.clients:
            client.close()
        if started.process.returncode is None:
            started.process.kill()
            await started.process.communicate()


async def run(module: str, environ: dict[str, str]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        cwd=APP_IMAGE,
        env={"PATH": os.environ["PATH"], **MEASURED, **environ},
        stdout=pipe,
        stderr=pipe,
    )


def told(vllm_url: str) -> dict[str, str]:
    return {
        "SWITCHYARD_RELEASE": "r-0001",
        "SWITCHYARD_COLOUR": "blue",
        "SWITCHYARD_MODEL_COLOUR": "blue",
        "SWITCHYARD_VLLM_URL": vllm_url,
        "SWITCHYARD_MODEL": MODEL,
        "SWITCHYARD_API_KEYS": f'{{"alice": "{KEY}"}}',
    }
