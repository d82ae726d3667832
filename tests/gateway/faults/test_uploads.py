"""Bodies that come slowly: they hold no place, and no more memory than all of them together may."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from gateway.body import BodyReader
from gateway.errors import ApiError
from gateway.settings import AdmissionPolicy, Limits
from gateway.watch import Interrupted, Receive, Watch

from tests.gateway import speech
from tests.gateway.faults.observed import LONG, LONG_SECONDS
from tests.gateway.stage import Stage, raw_request
from tests.gateway.upstream import HANG

ONE_PLACE = AdmissionPolicy(in_flight=1, queued=0)
WHOLE = raw_request(stream=False)
Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def said_to(stage: Stage, data: bytes) -> Client:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    stage.stack.callback(writer.close)
    writer.write(data)
    await writer.drain()
    return reader, writer


async def status_of(client: Client) -> int:
    async with asyncio.timeout(LONG_SECONDS / 2):
        return int((await client[0].readline()).split()[1])


async def test_clients_that_send_their_bodies_slowly_keep_nobody_from_being_answered(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start(limits=LONG, admission=ONE_PLACE)
    slow = [await said_to(stage, WHOLE[:-20]) for _ in range(5)]

    assert [(await stage.ask()).status for _ in range(3)] == [200] * 3
    assert await stage.metric("switchyard_in_flight") == 0
    for client in slow:
        client[1].write(WHOLE[-20:])
        assert await status_of(client) == 200, "it had all the time that a body may take"


async def test_a_body_that_nobody_would_look_at_is_not_waited_for(stage: Stage) -> None:
    stage.vllm.script = [HANG]
    await stage.start(limits=LONG, admission=ONE_PLACE)
    await stage.connect(stream=False)
    await stage.vllm.saw()

    assert await status_of(await said_to(stage, WHOLE[:-20])) == 503


async def test_a_task_refuses_bodies_beyond_the_memory_that_those_on_their_way_may_take(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start(limits=LONG, admission=AdmissionPolicy(coming_bytes=1000))
    head = WHOLE.partition(b"content-length")[0] + b"content-length: 2000\r\n\r\n"

    assert await status_of(await said_to(stage, head + b"x" * 1001)) == 503
    assert (await stage.ask(messages=[{"role": "user", "content": "x" * 900}])).status == 200
    (line,) = [line for line in stage.logged() if line["status"] == 503]
    assert line["error"] == "overloaded"
    assert await stage.metric('switchyard_limits_hit_total{limit="in_flight"}') == 1


class Pieces:
    """A body as it comes: each piece when the test says so."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self.receive: Receive = self._messages.get

    def come(self, size: int, *, more: bool) -> None:
        self._messages.put_nowait({"type": "http.request", "body": b"x" * size, "more_body": more})

    def leave(self) -> None:
        self._messages.put_nowait({"type": "http.disconnect"})


async def read(reader: BodyReader, pieces: Pieces, limits: Limits = LONG) -> bytes:
    watch = Watch(LONG_SECONDS)
    try:
        return await reader.read(pieces.receive, 0, watch, limits)
    finally:
        watch.close()


@asynccontextmanager
async def coming(reader: BodyReader, size: int) -> AsyncIterator[tuple[Pieces, asyncio.Task[bytes]]]:
    """A body of which so much has come."""
    pieces = Pieces()
    pieces.come(size, more=True)
    task = asyncio.create_task(read(reader, pieces))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    yield pieces, task


async def refused(reader: BodyReader, size: int) -> int:
    """The status for a body of two pieces of that size."""
    pieces = Pieces()
    pieces.come(size, more=True)
    pieces.come(size, more=False)
    try:
        return 200 if await read(reader, pieces) else 0
    except ApiError as error:
        return error.status


async def test_bodies_that_are_coming_share_their_memory_and_one_that_is_there_needs_none() -> None:
    reader = BodyReader(100)
    async with coming(reader, 60) as (pieces, task):
        assert await refused(reader, 21) == 503
        assert await refused(reader, 20) == 200
        whole = Pieces()
        whole.come(5000, more=False)
        assert len(await read(reader, whole)) == 5000
        pieces.come(40, more=False)
        assert await task == b"x" * 100
    assert await refused(reader, 50) == 200


@pytest.mark.parametrize("end", ["too large", "left", "cancelled"])
async def test_a_body_that_never_becomes_whole_gives_its_memory_back(end: str) -> None:
    reader = BodyReader(LONG.body_bytes + 100)
    async with coming(reader, LONG.body_bytes) as (pieces, task):
        assert await refused(reader, 51) == 503
        match end:
            case "too large":
                pieces.come(1, more=True)
            case "left":
                pieces.leave()
            case _:
                task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, ApiError | Interrupted | asyncio.CancelledError)
    assert await refused(reader, LONG.body_bytes // 2) == 200


async def test_a_body_that_is_too_slow_is_refused_and_gives_its_memory_back() -> None:
    reader = BodyReader(100)
    pieces = Pieces()
    pieces.come(90, more=True)
    with pytest.raises(ApiError) as refusal:
        await read(reader, pieces, Limits(body_seconds=0.02))
    assert refusal.value.status == 408
    assert await refused(reader, 50) == 200


async def test_a_body_that_is_there_is_read_without_giving_others_a_turn() -> None:
    pieces = Pieces()
    pieces.come(10, more=False)
    watch = Watch(LONG_SECONDS)
    with pytest.raises(StopIteration) as done:
        BodyReader(0).read(pieces.receive, 10, watch, LONG).send(None)
    assert done.value.value == b"x" * 10
    watch.close()
