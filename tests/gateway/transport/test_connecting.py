"""How long connecting may take, and what a failure is called: it decides what the next tier is told."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from gateway.errors import ConnectFailed, ConnectTimedOut
from gateway.upstream.connecting import Resolve, resolved

from tests.gateway.transport.peer import OK, SOON_SECONDS, answering, ask, body_of, dropping, listening, transport

NOBODY = "127.0.0.2"


async def test_a_refusal_is_told_at_once() -> None:
    with _reserved() as port:
        async with transport(connect_seconds=60) as client, asyncio.timeout(SOON_SECONDS):
            with pytest.raises(ConnectFailed):
                await client.post(f"http://127.0.0.1:{port}/", {}, b"")


async def test_a_host_that_drops_packets_costs_the_limit() -> None:
    async with dropping() as port, transport(connect_seconds=0.1) as client, asyncio.timeout(SOON_SECONDS):
        with pytest.raises(ConnectTimedOut):
            await client.post(f"http://127.0.0.1:{port}/", {}, b"")


async def test_a_request_may_have_less_time_than_the_limit_but_never_more() -> None:
    async with dropping() as port, asyncio.timeout(SOON_SECONDS):
        for limit_seconds, own_seconds in ((60, 0.1), (0.1, 60)):
            async with transport(connect_seconds=limit_seconds) as client:
                with pytest.raises(ConnectTimedOut):
                    await client.post(f"http://127.0.0.1:{port}/", {}, b"", connect_seconds=own_seconds)


async def test_no_time_left_is_no_connection() -> None:
    async with listening(answering(OK)) as peer, transport() as client:
        with pytest.raises(ConnectTimedOut):
            await client.post(peer.url, {}, b"", connect_seconds=0)


async def test_an_address_that_refuses_is_followed_by_the_next() -> None:
    async with listening(answering(OK)) as peer, transport(resolve=_naming(NOBODY, "127.0.0.1")) as client:
        assert await body_of(await client.post(f"http://vllm.internal:{peer.port}/", {}, b"")) == b"ok"


async def test_an_address_that_drops_packets_takes_only_its_share_of_the_limit() -> None:
    resolve = _naming(NOBODY, "127.0.0.1")
    async with (
        dropping(NOBODY) as port,
        listening(answering(OK), port=port),
        transport(connect_seconds=0.6, resolve=resolve) as client,
    ):
        assert await body_of(await client.post(f"http://vllm.internal:{port}/", {}, b"")) == b"ok"


async def test_all_addresses_are_tried_before_it_fails() -> None:
    tried = [f"127.0.0.{number}" for number in range(2, 6)]
    with _reserved() as port:
        async with transport(resolve=_naming(*tried)) as client:
            with pytest.raises(ConnectFailed):
                await client.post(f"http://vllm.internal:{port}/", {}, b"")


async def test_a_name_that_does_not_resolve_is_a_failure() -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    for resolve in (unknown, _naming()):
        async with transport(resolve=resolve) as client:
            with pytest.raises(ConnectFailed):
                await client.post("http://vllm.internal/", {}, b"")


async def test_looking_up_a_name_is_inside_the_limit() -> None:
    async def slow(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    async with transport(connect_seconds=0.05, resolve=slow) as client, asyncio.timeout(SOON_SECONDS):
        with pytest.raises(ConnectTimedOut):
            await client.post("http://vllm.internal/", {}, b"")


async def test_the_system_resolves_names_and_leaves_addresses_alone() -> None:
    assert set(await resolved("localhost", 80)) & {"127.0.0.1", "::1"}
    assert await resolved("127.0.0.1", 80) == ["127.0.0.1"]
    assert await resolved("::1", 80) == ["::1"]


async def test_small_writes_are_not_held_back() -> None:
    async with listening(answering(OK)) as peer, transport() as client:
        await ask(client, peer)
        (connection,) = client._pool._open  # type: ignore[union-attr]
        wire = connection._transport.get_extra_info("socket")  # type: ignore[union-attr]
        assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    "url",
    ["", "vllm:8000/v1", "ftp://x/", "http://", "http://x:99999/", "http://a:b@x/", "http://x/\r\ny: z", "http://ü/"],
)
async def test_what_is_no_url_is_no_connection(url: str) -> None:
    async with transport() as client:
        with pytest.raises(ConnectFailed):
            await client.post(url, {}, b"")


def _naming(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


@contextmanager
def _reserved() -> Iterator[int]:
    """A port at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
