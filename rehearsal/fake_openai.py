"""A stand-in for OpenAI's chat API: `python -m rehearsal.fake_openai --host A --port P`.

Asks for a bearer key, answers every prompt as the fake vLLM does (answers.py), and has faults of its own:
from FAKE_OPENAI at start, and at run time by `POST /__faults` with a JSON object, where `{}` heals.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from typing import NoReturn

import uvloop
from aiohttp import web

from rehearsal import fake_chat
from rehearsal.errors import UnknownFault
from rehearsal.fake_behaviour import OpenAIBehaviour, from_values, parse
from rehearsal.fake_chat import Question, QuestionInvalid
from rehearsal.generations import GenerationLog, Upstream


class FakeOpenAI:
    """One upstream whose faults can change while it runs. A key set at start stays until another is set."""

    def __init__(self, behaviour: OpenAIBehaviour, environ: Mapping[str, str]) -> None:
        self._behaviour = behaviour
        self._key = behaviour.key
        self._log = GenerationLog.of(environ)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/health", self._health)
        application.router.add_post("/v1/chat/completions", self._chat)
        application.router.add_get("/__faults", self._show_faults)
        application.router.add_post("/__faults", self._set_faults)
        return application

    async def _health(self, request: web.Request) -> web.Response:
        """Not OpenAI's: the rehearsal asks it whether this process is up."""
        return web.Response()

    async def _show_faults(self, request: web.Request) -> web.Response:
        shown = {name: value for name, value in asdict(self._behaviour).items() if name != "key"}
        return web.json_response(shown)

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            values = json.loads(await request.read())
            if not isinstance(values, dict):
                raise UnknownFault(f"faults: {values!r}, expected a JSON object")
            self._behaviour = from_values(OpenAIBehaviour, values)
        except (ValueError, UnknownFault) as error:
            return _error(400, "invalid_request_error", str(error), "invalid_fault")
        self._key = self._behaviour.key or self._key
        return await self._show_faults(request)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        refusal = self._unauthorised(request) or self._failure()
        if refusal is not None:
            return refusal
        try:
            asked = await fake_chat.question(request)
        except QuestionInvalid as error:
            return _error(400, "invalid_request_error", str(error), None)
        if self._behaviour.hang:
            await asyncio.Event().wait()
        return await (self._stream if asked.is_stream else self._whole)(request, asked)

    def _completed(self, request: web.Request, asked: Question) -> None:
        if fake_chat.is_connected(request):
            self._log.record(asked.request_id, Upstream.OPENAI, None, asked.model)

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and key and key == (self._key or key):
            return None
        return _error(401, "invalid_request_error", "Incorrect API key provided.", "invalid_api_key")

    def _failure(self) -> web.Response | None:
        if self._behaviour.status is None:
            return None
        response = _error(self._behaviour.status, "server_error", "a fault was set on the fake OpenAI", None)
        if self._behaviour.retry_after_seconds is not None:
            response.headers["retry-after"] = str(self._behaviour.retry_after_seconds)
        return response

    async def _stream(self, request: web.Request, asked: Question) -> web.StreamResponse:
        await asyncio.sleep(self._behaviour.first_token_seconds)
        response = web.StreamResponse(headers={**fake_chat.EVENT_STREAM, **_own_id()})
        await response.prepare(request)
        async for event in fake_chat.events(asked, self._tokens(request, asked)):
            await response.write(event)
        # Before the body's end: a client may leave as soon as it has read [DONE].
        self._completed(request, asked)
        await response.write_eof()
        return response

    async def _whole(self, request: web.Request, asked: Question) -> web.StreamResponse:
        await asyncio.sleep(self._behaviour.first_token_seconds)
        async for _ in self._tokens(request, asked):
            pass
        response = web.json_response(fake_chat.whole(asked), headers=_own_id())
        await response.prepare(request)
        await response.write_eof()
        self._completed(request, asked)
        return response

    async def _tokens(self, request: web.Request, asked: Question) -> AsyncIterator[str]:
        for place, token in enumerate(asked.tokens):
            if place == self._behaviour.cut_after_tokens:
                _cut(request)
            if place:
                await asyncio.sleep(self._behaviour.token_seconds)
            yield token


async def serve(host: str, port: int, behaviour: OpenAIBehaviour, environ: Mapping[str, str]) -> None:
    """Serve until SIGTERM or SIGINT. OpenAI does not drain for anybody, and neither does this."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    application = FakeOpenAI(behaviour, environ).application()
    runner = web.AppRunner(application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    await stopped.wait()
    await runner.cleanup()


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("cut by a fault")


def _own_id() -> dict[str, str]:
    return {"x-request-id": f"req_{uuid.uuid4().hex}"}


def _error(status: int, kind: str, message: str, code: str | None) -> web.Response:
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return web.json_response(body, status=status, headers=_own_id())


def main() -> NoReturn:
    parser = argparse.ArgumentParser("fake_openai", allow_abbrev=False)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    known = parser.parse_args()
    try:
        behaviour = parse(OpenAIBehaviour, os.environ.get("FAKE_OPENAI", ""))
    except UnknownFault as error:
        sys.exit(f"fake_openai: FAKE_OPENAI: {error}")
    uvloop.run(serve(known.host, known.port, behaviour, os.environ))
    sys.exit(0)


if __name__ == "__main__":
    main()
