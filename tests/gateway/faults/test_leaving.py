"""A client that leaves in a phase in which no upstream is at work on its answer, and what its leaving says of an
upstream: nothing. The phases in between are in tests/gateway/test_disconnect.py."""

import asyncio

import pytest
from gateway.breaker import BreakerState
from gateway.outcome import StatusClass, TierName
from gateway.settings import AdmissionPolicy, BreakerPolicy

from tests.gateway import speech
from tests.gateway.faults.caches import CacheTrouble, tables
from tests.gateway.faults.counted import request
from tests.gateway.faults.observed import LONG
from tests.gateway.stage import Stage
from tests.gateway.transport.peer import dropping, soon
from tests.gateway.upstream import CUT, HANG, PAUSE, Script

MODES = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
PHASES: dict[str, Script] = {
    "before the head": [HANG],
    "before the first content": [speech.HEAD, speech.ROLE, HANG],
    "in the middle": [speech.HEAD, speech.text("Hel"), HANG],
}


async def left_by_the_client(stage: Stage) -> None:
    """Returns when a request was closed as one whose client is gone, and nothing of it is in flight."""
    await soon(lambda: [line["ended"] for line in stage.logged()][-1:] == ["client_gone"])
    assert await stage.metric("switchyard_in_flight") == await stage.metric("switchyard_queued") == 0


def failures(stage: Stage, tier: TierName) -> int:
    return stage.gateway.parts.breakers[tier].failures_in_a_row


@MODES
async def test_a_client_that_leaves_the_queue_is_never_asked_for(stage: Stage, stream: bool) -> None:
    stage.vllm.script = [HANG]
    await stage.start(admission=AdmissionPolicy(in_flight=1, queued=5, queue_seconds=20), limits=LONG)
    first = await stage.connect(stream=stream)
    await stage.vllm.saw()
    second = await stage.connect(stream=stream)
    await soon(lambda: stage.gateway.parts.metrics.registry.get_sample_value("switchyard_queued") == 1)

    second.close()
    await soon(lambda: [line["ended"] for line in stage.logged()] == ["client_gone"])
    first.close()

    assert await stage.vllm.only.was_left()
    await left_by_the_client(stage)
    assert len(stage.vllm.seen) == 1 and stage.openai.seen == []


@MODES
async def test_a_client_that_leaves_while_its_tier_is_connected_to_is_not_taken_to_the_next(
    stage: Stage, stream: bool
) -> None:
    stage.openai.script = speech.stream()
    async with dropping() as port:
        await stage.start(vllm_url=f"http://127.0.0.1:{port}", limits=LONG)
        client = await stage.connect(stream=stream)
        await soon(lambda: stage.gateway.parts.metrics.registry.get_sample_value("switchyard_in_flight") == 1)
        client.close()
        await left_by_the_client(stage)

    assert stage.openai.seen == [] and failures(stage, TierName.VLLM) == 0


@MODES
async def test_a_client_that_leaves_during_a_lookup_is_not_answered_from_the_cache(stage: Stage, stream: bool) -> None:
    stage.vllm.script = stage.openai.script = speech.error(503)
    async with tables(CacheTrouble.SLOW) as held:
        await stage.start(held_tables=held, limits=LONG)
        client = await stage.connect(stream=stream)
        await stage.openai.saw()
        client.close()
        await left_by_the_client(stage)

        rose = await stage.metrics()
        looked_up = [name for name, value in rose.items() if "cache_lookups_total" in name and value]
        assert looked_up == [], "a lookup that nobody waits for is neither a hit nor slow"
        assert rose[request(StatusClass.CLIENT_GONE, TierName.OPENAI)] == 1


@MODES
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("tier", [TierName.VLLM, TierName.OPENAI])
async def test_leaving_says_nothing_about_an_upstream(stage: Stage, tier: TierName, phase: str, stream: bool) -> None:
    upstream = stage.vllm if tier is TierName.VLLM else stage.openai
    stage.vllm.script = speech.error(503)
    upstream.script = PHASES[phase]
    await stage.start(limits=LONG)

    for _ in range(BreakerPolicy().failures):
        client = await stage.connect(stream=stream)
        await upstream.saw()
        client.close()
    await soon(lambda: len(stage.logged()) == BreakerPolicy().failures)

    assert all([await seen.was_left() for seen in upstream.seen])
    assert failures(stage, tier) == 0
    assert stage.gateway.parts.breakers[tier].state is BreakerState.CLOSED
    assert {line["ended"] for line in stage.logged()} == {"client_gone"}


async def test_a_probe_whose_client_left_makes_room_for_the_next(stage: Stage) -> None:
    policy = BreakerPolicy(failures=1, open_seconds=0.2)
    scripts: tuple[Script, ...] = ([speech.HEAD, PAUSE, CUT], [HANG], speech.stream("Back"))
    stage.vllm.script = lambda seen: scripts[min(seen.number, 3) - 1]
    stage.openai.script = speech.stream("From OpenAI")
    await stage.start(breaker=policy, limits=LONG)
    breaker = stage.gateway.parts.breakers[TierName.VLLM]
    await stage.ask()
    await asyncio.sleep(breaker.seconds_left() + 0.01)

    probe = await stage.connect(stream=True)
    await stage.vllm.saw(2)
    assert (await stage.ask()).headers["x-switchyard-tier"] == "openai", "one probe at a time"
    probe.close()
    await left_by_the_client(stage)

    assert (await stage.ask()).headers["x-switchyard-tier"] == "vllm"
    assert breaker.state is BreakerState.CLOSED
