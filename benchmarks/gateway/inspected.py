"""`python -m gateway`, and one port more on which it says what goes on inside. Started by the soak.

    python -m benchmarks.gateway.inspected PORT

Any request to the port is answered with `{"tasks": …, "objects": …}`: asyncio's tasks, and what the collector tracks.
"""

import asyncio
import gc
import os
import sys

import msgspec
import uvloop
from gateway import environment
from gateway.diagnostics import log_as_json
from gateway.server import serve


async def _run(port: int) -> None:
    inside = await asyncio.start_server(_tell, "127.0.0.1", port)
    try:
        await serve(environment.load(os.environ))
    finally:
        inside.close()


async def _tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    gc.collect()
    counts = {"tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects())}
    body = msgspec.json.encode(counts)
    writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
    await writer.drain()
    writer.close()


if __name__ == "__main__":
    log_as_json(sys.stderr)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(int(sys.argv[1])))
