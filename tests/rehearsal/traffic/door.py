"""A fake of the public door, in-process, that answers well or in whichever way a test plants."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

HEADERS = {
    "x-switchyard-colour": "blue",
    "x-switchyard-model-colour": "green",
    "x-switchyard-release": "r-1",
    "x-switchyard-tier": "vllm",
}

Behaviour = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


def answer(prompt: str, max_tokens: int) -> str:
    """The text that this door's clients expect."""
    return "".join(f"{prompt[:24]}/{token} " for token in range(max_tokens))


@dataclass
class Door:
    """`seen` has the headers and the peer's port of each request; it is `busy` once there were a few."""

    behave: Behaviour
    address: str = ""
    seen: list[tuple[CIMultiDict[str], int]] = field(default_factory=list)
    busy: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        self.seen.append((CIMultiDict(request.headers), request.transport.get_extra_info("peername")[1]))
        if len(self.seen) >= 4:
            self.busy.set()
        return await self.behave(request, await request.json())


@asynccontextmanager
async def open_door(behave: Behaviour, host: str = "127.0.0.1", tls: SSLContext | None = None) -> AsyncIterator[Door]:
    door = Door(behave)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", door.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, 0, ssl_context=tls)
    await site.start()
    door.address = f"{host}:{runner.addresses[0][1]}"
    try:
        yield door
    finally:
        await runner.cleanup()


async def well(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """A complete correct answer."""
    if body["stream"]:
        return await send_events(request, stream_of(body))
    return whole(expected_text(body))


def expected_text(body: dict[str, Any]) -> str:
    return answer(body["messages"][0]["content"], body["max_tokens"])


def whole(text: str, finish: str = "length") -> web.Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return web.json_response({"object": "chat.completion", "choices": [choice]}, headers=HEADERS)


def stream_of(body: dict[str, Any], text: str | None = None) -> list[str]:
    """The events of a complete stream, from the role to [DONE]."""
    words = re.findall(r"\S+\s*", expected_text(body) if text is None else text)
    events = [chunk({"role": "assistant", "content": ""})]
    events += [chunk({"content": word}) for word in words]
    events += [chunk({}, "length"), json.dumps({"choices": [], "usage": {"total_tokens": 3}}), "[DONE]"]
    return events


def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


async def send_events(request: web.Request, events: list[str], *, abort: bool = False) -> web.StreamResponse:
    response = web.StreamResponse(headers={**HEADERS, "content-type": "text/event-stream"})
    await response.prepare(request)
    for event in events:
        await response.write(f"data: {event}\n\n".encode())
    if abort:
        await asyncio.sleep(0.02)
        hang_up(request)
    return response


def hang_up(request: web.Request) -> None:
    """Reset the connection, as a killed process does."""
    assert request.transport is not None
    request.transport.abort()
