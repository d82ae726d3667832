"""When free connections are closed, as far as it can be told without a network."""

import asyncio

from gateway.upstream.pool import Pool

from tests.gateway.transport.peer import SOON_SECONDS, soon
from tests.gateway.transport.wire import ORIGIN, connected


async def test_a_connection_that_ends_before_those_already_waiting_is_closed_in_its_time() -> None:
    pool = Pool(max_age_seconds=60, idle_seconds=60)
    young, old = connected(pool), connected(pool)
    old.retires_at = asyncio.get_running_loop().time() + 0.05

    pool.idle(young)
    pool.idle(old)
    await soon(lambda: not old.usable)

    assert young.usable
    assert pool.take(ORIGIN) is young
    await pool.close()


async def test_a_connection_whose_time_was_over_while_it_was_in_use_is_never_given_out() -> None:
    pool = Pool(max_age_seconds=60, idle_seconds=60)
    old = connected(pool)
    old.retires_at = asyncio.get_running_loop().time()

    pool.idle(old)

    assert pool.take(ORIGIN) is None
    assert not old.usable
    await pool.close()


async def test_a_connection_that_the_server_closed_is_forgotten() -> None:
    pool = Pool(max_age_seconds=60, idle_seconds=60)
    connection = connected(pool)
    pool.idle(connection)

    connection.eof_received()
    await asyncio.sleep(0)

    assert pool.take(ORIGIN) is None
    assert not pool._open


async def test_closing_waits_for_no_connection_that_was_over_before_it_was_counted() -> None:
    pool = Pool(max_age_seconds=60, idle_seconds=60)
    pool.opened(pool.new(ORIGIN))
    async with asyncio.timeout(SOON_SECONDS):
        await pool.close()


async def test_a_connection_that_is_free_after_the_end_is_not_kept() -> None:
    pool = Pool(max_age_seconds=60, idle_seconds=60)
    await pool.close()
    late = connected(pool)
    pool.idle(late)
    assert not late.usable
    await asyncio.sleep(0)
