"""A stand-in for `vllm serve`: `python -m rehearsal.fake_vllm serve MODEL --port N …`.

Takes vLLM's flags (those it does not imitate are ignored) and behaves as vLLM 0.33 was seen to, bad habits
included: refuses connections while it loads, /health 200 while it hangs or drains, 500 for new requests in a
drain, 503 without Retry-After on a full queue, headers long before the first token, answers on /invocations.
FAKE_VLLM adds faults (fake_behaviour.py); SIGUSR1 makes it hang and go on.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import NoReturn

import uvloop
from aiohttp import web

from rehearsal import fake_chat
from rehearsal.errors import UnknownFault
from rehearsal.fake_behaviour import VllmBehaviour, parse
from rehearsal.fake_chat import Question, QuestionInvalid
from rehearsal.fake_engine import Engine, QueueFull, ShutDown
from rehearsal.generations import GenerationLog, Upstream

_VLLM_KEEP_ALIVE_SECONDS = 5.0
_KEEP_ALIVE_COMMENT = b": keep-alive\n\n"


@dataclass(frozen=True)
class Flags:
    """The flags of `vllm serve` that are imitated, with vLLM's defaults."""

    root: str
    host: str
    port: int
    served_model_name: str
    max_model_length: int
    max_running: int
    max_in_flight: int | None
    shutdown_timeout_seconds: float
    sse_keep_alive_seconds: float
    returns_request_id: bool


class FakeVllm:
    """The HTTP side: routes in, errors in vLLM's shape out."""

    def __init__(self, flags: Flags, behaviour: VllmBehaviour, environ: Mapping[str, str]) -> None:
        self._flags = flags
        self._behaviour = behaviour
        self._model = behaviour.wrong_model or flags.served_model_name
        self._colour = environ.get("SWITCHYARD_COLOUR") or None
        self._log = GenerationLog.of(environ)
        self.engine = Engine(behaviour, flags.max_running, flags.max_in_flight)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/health", self._health)
        application.router.add_get("/version", self._version)
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/v1/models", self._models)
        application.router.add_post("/v1/chat/completions", self._chat)
        application.router.add_post("/invocations", self._chat)
        return application

    async def _health(self, request: web.Request) -> web.Response:
        return web.Response(status=503 if self._behaviour.never_ready else 200)

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": "0.33.0"})

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(text=self.engine.exposition(self._model))

    async def _models(self, request: web.Request) -> web.Response:
        model = {"id": self._model, "object": "model", "owned_by": "vllm", "root": self._flags.root}
        return web.json_response(
            {"object": "list", "data": [{**model, "max_model_len": self._flags.max_model_length, "created": 0}]}
        )

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        try:
            asked = await fake_chat.question(request)
        except QuestionInvalid as error:
            return _error(400, "BadRequestError", str(error))
        if asked.model != self._model:
            return _error(404, "NotFoundError", f"The model `{asked.model}` does not exist.")
        if self._behaviour.never_ready:
            return _error(503, "ServiceUnavailableError", "the engine is not running")
        try:
            with self.engine.admitted():
                return await self._answer(request, asked)
        except QueueFull as error:
            return _error(503, "ServiceUnavailableError", str(error))
        except ShutDown as error:
            return _error(500, "InternalServerError", str(error))

    async def _answer(self, request: web.Request, asked: Question) -> web.StreamResponse:
        async with aclosing(self.engine.tokens(asked.tokens, asked.is_stream)) as tokens:
            return await (self._stream if asked.is_stream else self._whole)(request, asked, tokens)

    async def _stream(self, request: web.Request, asked: Question, tokens: AsyncIterator[str]) -> web.StreamResponse:
        response = web.StreamResponse(headers={**fake_chat.EVENT_STREAM, **self._id_header(asked)})
        await response.prepare(request)
        events = fake_chat.events(asked, tokens)
        async with aclosing(_with_keep_alive(events, self._flags.sse_keep_alive_seconds)) as frames:
            async for frame in frames:
                await response.write(frame)
                if frame == fake_chat.DONE:  # before the body's end: a client may leave as soon as it has read this
                    self._completed(request, asked)
        await response.write_eof()
        return response

    async def _whole(self, request: web.Request, asked: Question, tokens: AsyncIterator[str]) -> web.StreamResponse:
        async for _ in tokens:
            pass
        response = web.json_response(fake_chat.whole(asked), headers=self._id_header(asked))
        await response.prepare(request)
        await response.write_eof()
        self._completed(request, asked)
        return response

    def _completed(self, request: web.Request, asked: Question) -> None:
        if fake_chat.is_connected(request):
            self.engine.finished(asked.finish_reason, asked.prompt_token_count)
            self._log.record(asked.request_id, Upstream.VLLM, self._colour, self._model)

    def _id_header(self, asked: Question) -> dict[str, str]:
        return {"x-request-id": asked.request_id} if self._flags.returns_request_id else {}


async def serve(flags: Flags, behaviour: VllmBehaviour, environ: Mapping[str, str]) -> int:
    """Load, serve until SIGTERM, drain. Returns the exit code."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_signal_handler(signal.SIGINT, stopped.set)
    if await _stopped_within(stopped, behaviour.start_seconds):
        return 0
    if behaviour.crash:
        print("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.", file=sys.stderr, flush=True)
        return 1
    vllm = FakeVllm(flags, behaviour, environ)
    loop.add_signal_handler(signal.SIGUSR1, vllm.engine.toggle_hang)
    runner = await _listen(vllm, flags, environ)
    await stopped.wait()
    if not await vllm.engine.drain(flags.shutdown_timeout_seconds):
        await asyncio.Event().wait()
    await runner.cleanup()
    return 0


async def _listen(vllm: FakeVllm, flags: Flags, environ: Mapping[str, str]) -> web.AppRunner:
    runner = web.AppRunner(
        vllm.application(),
        access_log=None,
        handler_cancellation=True,  # as vLLM: a client that left costs no more tokens
        keepalive_timeout=float(environ.get("VLLM_HTTP_TIMEOUT_KEEP_ALIVE") or _VLLM_KEEP_ALIVE_SECONDS),
        shutdown_timeout=0.1,
    )
    await runner.setup()
    await web.TCPSite(runner, flags.host, flags.port, backlog=128).start()
    return runner


async def _stopped_within(stopped: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stopped.wait(), seconds)
    except TimeoutError:
        return stopped.is_set()
    return True


async def _with_keep_alive(events: AsyncIterator[bytes], interval_seconds: float) -> AsyncGenerator[bytes, None]:
    """A comment for each interval of silence; 0: none."""
    pending: asyncio.Future[bytes] | None = None
    try:
        while True:
            pending = asyncio.ensure_future(anext(events))
            while not (await asyncio.wait({pending}, timeout=interval_seconds or None))[0]:
                yield _KEEP_ALIVE_COMMENT
            try:
                yield pending.result()
            except StopAsyncIteration:
                return
    finally:
        if pending is not None:
            pending.cancel()
            await asyncio.wait({pending})


def _error(status: int, kind: str, message: str) -> web.Response:
    return web.json_response(
        {"error": {"message": message, "type": kind, "param": None, "code": status}}, status=status
    )


def _flags(arguments: list[str]) -> Flags:
    parser = argparse.ArgumentParser("vllm", allow_abbrev=False)
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("model")
    parser.add_argument("--host", default="0.0.0.0")  # noqa: S104 - vLLM's default; the rehearsal passes an address
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--served-model-name")
    parser.add_argument("--max-model-len", type=int, default=2048)
    parser.add_argument("--max-num-seqs", type=int, default=256)
    parser.add_argument("--max-num-queued-reqs", type=int)
    parser.add_argument("--shutdown-timeout", type=float, default=0.0)
    parser.add_argument("--sse-keep-alive-interval", type=float, default=0.0)
    parser.add_argument("--enable-request-id-headers", action="store_true")
    known, _ = parser.parse_known_args(arguments)
    return Flags(
        root=known.model,
        host=known.host,
        port=known.port,
        served_model_name=known.served_model_name or known.model,
        max_model_length=known.max_model_len,
        max_running=known.max_num_seqs,
        max_in_flight=known.max_num_queued_reqs,
        shutdown_timeout_seconds=known.shutdown_timeout,
        sse_keep_alive_seconds=known.sse_keep_alive_interval,
        returns_request_id=known.enable_request_id_headers,
    )


def main() -> NoReturn:
    flags = _flags(sys.argv[1:])
    try:
        behaviour = parse(VllmBehaviour, os.environ.get("FAKE_VLLM", ""))
    except UnknownFault as error:
        sys.exit(f"fake_vllm: FAKE_VLLM: {error}")
    sys.exit(uvloop.run(serve(flags, behaviour, os.environ)))


if __name__ == "__main__":
    main()
