"""The clients that could call the upstreams, each used as a gateway has to: the head first, then what has come."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
from gateway.upstream.client import Transport
from pyreqwest.client import ClientBuilder

HEADERS = {
    "content-type": "application/json",
    "x-request-id": "0123456789abcdef0123456789abcdef",
    "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    "authorization": "Bearer sk-0123456789abcdef",
}

Call = Callable[[str, bytes], AsyncIterator[bytes]]
"""Posts a body and yields the parts of the answer. Raises what the client raises; ValueError if it is not 200."""


@asynccontextmanager
async def own() -> AsyncIterator[Call]:
    transport = Transport(connect_seconds=1.0)

    async def call(url: str, body: bytes) -> AsyncIterator[bytes]:
        reply = await transport.post(url, HEADERS, body)
        _expect_ok(reply.status)
        while data := await reply.read():
            yield data

    yield call
    await transport.close()


@asynccontextmanager
async def with_aiohttp() -> AsyncIterator[Call]:
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, connect=1.0)
    skipped = ("accept-encoding", "user-agent")
    cookies = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=cookies, skip_auto_headers=skipped, auto_decompress=False
    ) as session:

        async def call(url: str, body: bytes) -> AsyncIterator[bytes]:
            response = await session.post(url, data=body, headers=HEADERS, allow_redirects=False)
            _expect_ok(response.status)
            while data := await response.content.readany():
                yield data

        yield call


@asynccontextmanager
async def with_pyreqwest() -> AsyncIterator[Call]:
    async with ClientBuilder().max_connections(None).http1_only().no_proxy().follow_redirects(False).build() as client:

        async def call(url: str, body: bytes) -> AsyncIterator[bytes]:
            request = client.post(url).headers(HEADERS).body_bytes(body).build_streamed()
            async with request as response:
                _expect_ok(response.status)
                reader = response.body_reader
                while (data := await reader.read_chunk()) is not None:
                    yield data.to_bytes()

        yield call


CANDIDATES: dict[str, Callable[[], AbstractAsyncContextManager[Call]]] = {
    "own": own,
    "pyreqwest": with_pyreqwest,
    "aiohttp": with_aiohttp,
}


def _expect_ok(status: int) -> None:
    if status != 200:
        raise ValueError(f"status {status}")
