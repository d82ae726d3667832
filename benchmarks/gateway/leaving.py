"""Whether a client closes its connection when the request on it is cancelled; else the upstream works on for nobody."""

import asyncio
import contextlib

from benchmarks.gateway.candidates import Call

SECONDS = 1.0


async def closed_after_leaving(call: Call, requests: int) -> int:
    """How many of so many connections an upstream that keeps silent saw closed in time."""
    arrived, closed = asyncio.Semaphore(0), 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal closed
        await reader.readuntil(b"\r\n\r\n")
        arrived.release()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await reader.read()
        closed += 1
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    asking = [asyncio.create_task(_ask(call, url)) for _ in range(requests)]
    for _ in asking:
        await arrived.acquire()
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await asyncio.sleep(SECONDS)
    server.close()
    return closed


async def _ask(call: Call, url: str) -> None:
    async for _ in call(url, b"{}"):
        pass
