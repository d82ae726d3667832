"""The open loop: each request starts when it is due, whatever became of the ones before it.

A closed loop would wait for a stalled server and so send less exactly when requests are being lost.
"""

import asyncio
import itertools
import time

from rehearsal.traffic.client import Client
from rehearsal.traffic.plan import Plan, PlannedRequest
from rehearsal.traffic.record import Record, RecordFile


class Generator:
    """Runs a plan until told to stop, then waits for the requests in flight."""

    def __init__(self, plan: Plan, client: Client, records: RecordFile) -> None:
        self._plan = plan
        self._client = client
        self._records = records

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set. A failure here is the generator's own: it ends the run, loudly."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as in_flight:
            for number in itertools.count():
                request = self._plan.request(number)
                if await _is_set_within(stop, began + request.due_seconds - loop.time()):
                    return
                in_flight.create_task(self._one(request), name=request.id)

    async def _one(self, request: PlannedRequest) -> None:
        begun = Record(request.id, time.time(), request.node, request.streaming)
        self._records.write(begun)
        self._records.write(await self._client.ask(request, begun))


async def _is_set_within(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for `stop` until the time is up. Late requests still give the others a turn."""
    if seconds <= 0:
        await asyncio.sleep(0)
        return stop.is_set()
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
