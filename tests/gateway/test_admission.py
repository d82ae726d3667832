"""Who gets a place, in which order, and that none is ever lost or given twice."""

import asyncio
import json
import random
from collections.abc import Coroutine
from typing import Any

import pytest
from gateway.admission import Admission
from gateway.errors import ApiError
from gateway.settings import AdmissionPolicy

LONG = 60.0
SOON = 0.02


def admission(in_flight: int = 1, queued: int = 2, queue_seconds: float = LONG) -> Admission:
    return Admission(AdmissionPolicy(in_flight, queued, queue_seconds))


async def waiting(places: Admission) -> asyncio.Task[None]:
    """A request that waits in the queue."""
    task = asyncio.create_task(places.enter())
    await asyncio.sleep(0)
    assert not task.done()
    return task


def without_suspending(entering: Coroutine[Any, Any, None]) -> bool:
    try:
        entering.send(None)
    except StopIteration:
        return True
    entering.close()
    return False


async def test_a_free_place_is_taken_without_suspending() -> None:
    places = admission(in_flight=2)
    assert without_suspending(places.enter()) and without_suspending(places.enter())
    assert places.in_flight == 2
    assert not without_suspending(places.enter())


async def test_who_came_first_goes_first_and_nobody_overtakes() -> None:
    places = admission()
    await places.enter()
    first, second = await waiting(places), await waiting(places)
    assert places.queued == 2
    places.leave()
    late = asyncio.create_task(places.enter())
    await first
    assert places.in_flight == 1 and not second.done()
    places.leave()
    await second
    places.leave()
    await late
    places.leave()
    assert (places.in_flight, places.queued) == (0, 0)


async def test_a_full_queue_refuses_at_once_and_says_when_to_come_again() -> None:
    places = admission(queued=1)
    await places.enter()
    task = await waiting(places)
    with pytest.raises(ApiError) as refusal:
        places.enter().send(None)
    assert refusal.value.status == 503
    assert refusal.value.headers == ((b"retry-after", b"1"),)
    error = json.loads(refusal.value.body)["error"]
    assert (error["code"], error["type"]) == ("overloaded", "server_error")
    places.leave()
    await task


async def test_a_task_without_a_queue_refuses_what_it_has_no_place_for() -> None:
    places = admission(queued=0)
    await places.enter()
    with pytest.raises(ApiError):
        await places.enter()


async def test_a_wait_that_is_too_long_is_refused_and_leaves_the_queue() -> None:
    places = admission(queue_seconds=SOON)
    await places.enter()
    with pytest.raises(ApiError) as refusal:
        await places.enter()
    assert refusal.value.status == 503
    assert (places.in_flight, places.queued) == (1, 0)
    places.leave()
    assert places.in_flight == 0


async def test_who_is_cancelled_leaves_the_queue() -> None:
    places = admission()
    await places.enter()
    gone, next_one = await waiting(places), await waiting(places)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert places.queued == 1
    places.leave()
    await next_one


async def test_a_place_that_is_given_to_someone_who_is_just_being_cancelled_goes_on_to_the_next() -> None:
    places = admission()
    await places.enter()
    gone, next_one = await waiting(places), await waiting(places)
    places.leave()
    gone.cancel()
    await next_one
    assert gone.cancelled() and places.in_flight == 1
    places.leave()
    assert places.in_flight == 0


async def test_a_place_is_not_given_to_someone_who_was_just_cancelled() -> None:
    places = admission()
    await places.enter()
    gone = await waiting(places)
    gone.cancel()
    places.leave()
    assert places.in_flight == 0
    await asyncio.gather(gone, return_exceptions=True)
    assert (places.in_flight, places.queued) == (0, 0)


class Crowd:
    """Requests that come, stay, leave and are cancelled at random; they notice when more than `limit` are inside."""

    def __init__(self, limit: int, chance: random.Random) -> None:
        self.limit = limit
        self.chance = chance
        self.places = Admission(AdmissionPolicy(limit, 6, 0.004))
        self.inside = 0
        self.asked: list[int] = []
        self.answered = self.refused = 0

    async def request(self, number: int) -> None:
        must_wait = self.places.in_flight >= self.limit
        if must_wait and self.places.queued < 6:
            self.asked.append(number)
        try:
            await self.places.enter()
        except (ApiError, asyncio.CancelledError):
            self.refused += 1
            if number in self.asked:
                self.asked.remove(number)
            return
        if must_wait:
            assert self.asked.pop(0) == number
        self.inside += 1
        assert self.inside <= self.limit
        try:
            await asyncio.sleep(self.chance.choice([0, 0, 0.001, 0.003]))
        finally:
            self.inside -= 1
            self.answered += 1
            self.places.leave()

    async def come(self, count: int) -> None:
        tasks = []
        for number in range(count):
            tasks.append(asyncio.create_task(self.request(number)))
            if self.chance.random() < 0.3:
                self.chance.choice(tasks).cancel()
            if self.chance.random() < 0.5:
                await asyncio.sleep(self.chance.choice([0, 0, 0.001]))
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert result is None or isinstance(result, asyncio.CancelledError), result


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_no_place_is_lost_none_is_given_twice_and_the_order_is_kept(seed: int) -> None:
    chance = random.Random(seed)
    crowd = Crowd(chance.choice([1, 2, 5]), chance)
    await crowd.come(300)
    assert crowd.answered > 10 and crowd.refused > 5
    assert (crowd.places.in_flight, crowd.places.queued, crowd.inside) == (0, 0, 0)
