"""A server that speaks OpenAI's API, as little of it as the gateway and its start need."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

_HEAD = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "tiny"}


@dataclass
class Server:
    """`listed` is what it serves; `status` and `body` replace the answer to that question. `hangs`: no chat ends."""

    listed: tuple[str, ...] = ("tiny",)
    status: int = 200
    body: bytes | None = None
    hangs: bool = False
    url: str = ""
    asked: list[str] = field(default_factory=list)

    async def models(self, request: web.Request) -> web.Response:
        body = json.dumps({"data": [{"id": name} for name in self.listed]}).encode()
        return web.Response(status=self.status, body=self.body or body)

    async def chat(self, request: web.Request) -> web.Response:
        self.asked.append((await request.json())["model"])
        pieces = [{"delta": {"content": "hello"}, "finish_reason": None}, {"delta": {}, "finish_reason": "stop"}]
        events = [json.dumps(_HEAD | {"choices": [{"index": 0, **piece}]}) for piece in pieces]
        body = "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"])
        if self.hangs:
            await asyncio.Event().wait()
        return web.Response(body=body, content_type="text/event-stream")


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[Server]:
    application = web.Application()
    application.router.add_get("/v1/models", server.models)
    application.router.add_post("/v1/chat/completions", server.chat)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
