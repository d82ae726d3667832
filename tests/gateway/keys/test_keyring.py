"""Whose key it is: keys told at the start, keys of the table, and what happens while the table cannot be read."""

import hashlib
import logging

import pytest
from gateway.errors import ApiError
from gateway.keys.key import Key
from gateway.keys.keyring import REVOKED_WITHIN_SECONDS, KeyPoll, Keyring
from gateway.periodic import Periodic
from gateway.tables.errors import TableFailed
from gateway.tables.table import Item

from tests.gateway.tables.unreliable import UnreliableTable


def item(key: str, name: str, **more: str) -> Item:
    return {"pk": "key", "sk": hashlib.sha256(key.encode()).hexdigest(), "name": name, **more}


class World:
    def __init__(self) -> None:
        self.table = UnreliableTable()
        self.keyring = Keyring({"alice": "sk-alice"}, has_table=True)
        self.poll = KeyPoll(self.table, self.keyring)


def bearer(key: str) -> bytes:
    return f"Bearer {key}".encode()


def status(keyring: Keyring, authorization: bytes) -> int:
    with pytest.raises(ApiError) as refused:
        keyring.find(authorization)
    return refused.value.status


def test_a_key_is_found_whatever_the_case_of_the_scheme() -> None:
    keyring = Keyring({"alice": "sk-alice"})
    assert keyring.find(b"bearer  sk-alice ") == keyring.find(b"BEARER sk-alice") == Key("alice")


@pytest.mark.parametrize("authorization", [b"", b"sk-alice", b"Basic sk-alice", b"Bearer ", b"Bearer sk-alic"])
def test_what_is_no_known_key_is_refused(authorization: bytes) -> None:
    assert status(Keyring({"alice": "sk-alice"}), authorization) == 401


async def test_a_key_of_the_table_works_with_its_limits() -> None:
    world = World()
    await world.table.put([{**item("sk-bob", "bob"), "requests_per_minute": 5}])
    await world.poll.poll()
    assert world.keyring.find(bearer("sk-bob")) == Key("bob", requests_per_minute=5)


async def test_a_revoked_key_dies_with_the_next_reading() -> None:
    world = World()
    await world.table.put([item("sk-bob", "bob")])
    await world.poll.poll()
    await world.table.put([item("sk-bob", "bob", revoked_at="2026-11-25T00:00:00+00:00")])
    await world.poll.poll()
    assert status(world.keyring, bearer("sk-bob")) == 401


def test_readings_are_close_enough_for_the_promise() -> None:
    poll = World().poll.poll
    job = Periodic("keys", 5.0, poll)
    # The pause with its jitter, a run that was cut off, and one more of both.
    assert 2 * (job._seconds * 1.1 + job._limit_seconds) <= REVOKED_WITHIN_SECONDS + 1


async def test_keys_told_at_the_start_work_whatever_the_table_says() -> None:
    world = World()
    await world.table.put([item("sk-alice", "alice", revoked_at="2026-11-25T00:00:00+00:00")])
    await world.poll.poll()
    assert world.keyring.find(bearer("sk-alice")) == Key("alice")


async def test_a_table_that_breaks_logs_nobody_out() -> None:
    world = World()
    await world.table.put([item("sk-bob", "bob")])
    await world.poll.poll()
    world.table.broken = True
    with pytest.raises(TableFailed):
        await world.poll.poll()
    assert world.keyring.find(bearer("sk-bob")) == Key("bob")
    assert status(world.keyring, bearer("sk-else")) == 401


async def test_before_the_first_reading_an_unknown_key_is_told_to_come_again() -> None:
    world = World()
    world.table.broken = True
    with pytest.raises(TableFailed):
        await world.poll.poll()
    assert status(world.keyring, bearer("sk-bob")) == 503
    assert status(world.keyring, b"") == 401
    assert world.keyring.find(bearer("sk-alice")) == Key("alice")


async def test_an_unreadable_item_is_logged_once_without_its_whole_digest(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    bad = {**item("sk-bob", "bob"), "requests_per_minute": -1}
    await world.table.put([bad])
    with caplog.at_level(logging.WARNING, "gateway"):
        await world.poll.poll()
        await world.poll.poll()
    (message,) = caplog.messages
    assert "requests_per_minute is -1" in message and str(bad["sk"]) not in message
    assert world.poll.unreadable == 1
    assert status(world.keyring, bearer("sk-bob")) == 401
