"""A real gateway between two scripted upstreams, all on free loopback ports."""

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from gateway.server import GatewayServer
from gateway.settings import Colour, Limits, OpenAiAccount, Settings
from gateway.tables.opened import OpenTables

from tests.gateway.speech import MODEL
from tests.gateway.upstream import Upstream

KEY = "sk-alice"
QUESTION: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}]}
# A busy machine sleeps through a quarter of a second at times: whatever is not about a limit must not meet it.
LIMITS = Limits(connect_seconds=1.0, first_content_seconds=0.6, idle_seconds=0.4, total_seconds=5.0, body_seconds=0.4)


def settings(vllm_url: str, openai_url: str | None, **changes: Any) -> Settings:
    account = account_at(openai_url) if openai_url else None
    told = Settings(
        release="r-0001",
        colour=Colour.BLUE,
        model_colour=Colour.GREEN,
        model=MODEL,
        vllm_url=vllm_url,
        api_keys={"alice": KEY},
        openai=account,
        limits=LIMITS,
        bind_address="127.0.0.1",
        http_port=0,
        metrics_port=0,
        stop_timeout_seconds=2.0,
        idle_grace_seconds=0.0,
    )
    return replace(told, **changes)


def account_at(openai_url: str, **changes: Any) -> OpenAiAccount:
    return OpenAiAccount(f"{openai_url}/v1", "gpt-4o", "sk-openai", **changes)


@dataclass
class Answered:
    """An answer as a client saw it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["error"]
        return found

    @property
    def events(self) -> list[Any]:
        """The data of each event; [DONE] as text."""
        parts = self.body.decode().split("\n\n")
        assert parts.pop() == "", "a stream ends with a whole event"
        return [_data(part) for part in parts]

    @property
    def said(self) -> str:
        """The text of a stream's first choice."""
        chunks = [event for event in self.events if isinstance(event, dict) and event.get("choices")]
        return "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)


@dataclass
class Stage:
    """The actors; `start` raises the curtain."""

    vllm: Upstream
    openai: Upstream
    client: aiohttp.ClientSession
    stack: AsyncExitStack
    log: io.BytesIO = field(default_factory=io.BytesIO)
    server: GatewayServer | None = None

    async def start(self, *, external: bool = True, held_tables: OpenTables | None = None, **changes: Any) -> None:
        """`held_tables`: the test's own."""
        told = settings(changes.pop("vllm_url", self.vllm.url), self.openai.url if external else None, **changes)
        self.server = GatewayServer(told, self.log, held_tables)
        await self.server.start()
        self.stack.push_async_callback(self.server.stop)

    @property
    def gateway(self) -> GatewayServer:
        assert self.server is not None, "start() comes first"
        return self.server

    @property
    def port(self) -> int:
        return self.gateway.public.port

    async def ask(self, *, headers: dict[str, str] | None = None, **fields: Any) -> Answered:
        """A chat completion request."""
        body = {**QUESTION, **fields}
        return await self.request(
            "POST", "/v1/chat/completions", data=io.BytesIO(json.dumps(body).encode()), headers=headers
        )

    async def request(
        self, method: str, path: str, *, data: Any = None, headers: dict[str, str] | None = None
    ) -> Answered:
        all_headers = {"authorization": f"Bearer {KEY}", **(headers or {})}
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.client.request(method, url, data=data, headers=all_headers) as reply:
            return Answered(reply.status, {k.lower(): v for k, v in reply.headers.items()}, await reply.read())

    async def connect(self, *, stream: bool) -> asyncio.StreamWriter:
        """A raw client that has sent a whole request and can leave whenever it likes."""
        _, writer = await self.connect_reading(stream=stream)
        return writer

    async def connect_reading(
        self, *, stream: bool, receive_buffer_bytes: int | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        connection = socket.socket()
        if receive_buffer_bytes is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(sock=connection)
        self.stack.callback(writer.close)
        writer.write(raw_request(stream=stream))
        await writer.drain()
        return reader, writer

    async def metrics(self) -> dict[str, float]:
        """All samples, by the text before their value."""
        async with self.client.get(f"http://127.0.0.1:{self.gateway.metrics.port}/metrics") as reply:
            samples = [line.rsplit(" ", 1) for line in (await reply.text()).splitlines() if line[0] != "#"]
        return {name: float(value) for name, value in samples}

    async def metric(self, name: str) -> float:
        return (await self.metrics())[name]

    def logged(self) -> list[dict[str, Any]]:
        self.gateway.parts.request_log.flush()
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        vllm = await stack.enter_async_context(Upstream().open())
        openai = await stack.enter_async_context(Upstream().open())
        client = await stack.enter_async_context(aiohttp.ClientSession())
        yield Stage(vllm, openai, client, stack)


def raw_request(*, stream: bool, key: str = KEY) -> bytes:
    body = json.dumps({**QUESTION, "stream": stream}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def _data(event: str) -> Any:
    data = event.removeprefix("data: ")
    return data if data == "[DONE]" else json.loads(data)
