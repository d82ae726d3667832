"""Every fault, of every tier, for both kinds of client: what the client saw, how long it waited, how often each
upstream was asked, and what the metrics say."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from gateway.breaker import BreakerState
from gateway.cache.cache import LOOKUP_SECONDS
from gateway.outcome import Reason, TierName

from tests.gateway import speech
from tests.gateway.faults import counted
from tests.gateway.faults.caches import EARLIER
from tests.gateway.faults.expected import Cell, Expected, Limit, Mode, Outage, Sees, Unasserted
from tests.gateway.faults.observed import (
    COMES_BACK,
    FAILURES,
    FROM_OPENAI,
    LEFT_ALONE,
    LONG_SECONDS,
    SHORT_SECONDS,
    Phase,
    observe,
    observe_outage,
    staged,
)
from tests.gateway.faults.table import FAULTS, OWN, Fault, Host
from tests.gateway.stage import Answered, Stage

# What the reference on gateways and the issue name, by the table's names.
REQUIRED = {
    "429", "429 with retry-after", "500 once", "503", "reset before headers", "reset after headers", "silence",
    "slow first token", "cut", "stall", "malformed chunk", "missing [DONE]", "empty choices", "error as first event",
    "context length", "content filter", "crash in prefill", "hang with healthy /health", "flap",
    "cache absent", "cache slow", "cache throttled", "cache oversized", "cache stale",
}  # fmt: skip
AT_ONCE = 8
CELL_SECONDS = LONG_SECONDS - 1
NEXT = {TierName.VLLM: TierName.OPENAI, TierName.OPENAI: TierName.CACHE}

Place = tuple[Fault, TierName, Mode]
PLACES = list(product(FAULTS, TierName, Mode))


def cell(place: Place) -> Cell | None:
    fault, tier, mode = place
    return fault.cells()[tier].get(mode)


def gaps(faults: tuple[Fault, ...]) -> list[str]:
    """Cells of which nothing is said."""
    return [
        f"{place[0].name}, {place[1]}, {place[2]}"
        for place in product(faults, TierName, Mode)
        if (found := cell(place)) is None or (isinstance(found, Unasserted) and len(found.why.split()) < 5)
    ]


def those(kind: type[Cell]) -> list[Any]:
    return [pytest.param(p, id=f"{p[0].name}-{p[1]}-{p[2]}") for p in PLACES if isinstance(cell(p), kind)]


def test_every_cell_has_an_assertion_or_a_written_reason() -> None:
    assert gaps(FAULTS) == []
    assert len(those(Expected)) + len(those(Outage)) + len(those(Unasserted)) == len(PLACES)


def test_a_cell_of_which_nothing_is_said_is_found() -> None:
    fault = replace(FAULTS[0], first={Mode.WHOLE: Unasserted("later")})
    assert gaps((fault,)) == [f"{fault.name}, vllm, whole", f"{fault.name}, vllm, stream"]


def test_every_fault_that_is_required_is_in_the_table_once() -> None:
    names = [fault.name for fault in FAULTS]
    assert set(names) >= REQUIRED and len(set(names)) == len(names)


@pytest.fixture(scope="module")
def played() -> Iterator[dict[str, Any]]:
    """What was observed in each cell, or what went wrong; some at once, because most of their time is waiting."""
    yield asyncio.run(_play_all())


@pytest.mark.parametrize("place", those(Expected))
def test_a_fault_does_to_the_client_and_to_the_upstreams_what_the_table_says(
    place: Place, played: dict[str, Any]
) -> None:
    fault, tier, mode = place
    expected = cell(place)
    assert isinstance(expected, Expected)
    seen = _seen(place, played)

    _check_answer(seen.answer, tier, mode, expected)
    _check_wait(seen.waited_seconds, expected.waits)
    assert seen.asked == _asks(fault, tier, expected)
    assert seen.counted == counted.of(tier, expected)
    assert (seen.failures, seen.in_flight) == (expected.failures, 0)
    assert seen.breaker is (None if tier is TierName.CACHE else expected.breaker)


@pytest.mark.parametrize("place", those(Outage))
def test_an_outage_is_answered_by_the_next_tier_at_once_until_one_probe_finds_it_over(
    place: Place, played: dict[str, Any]
) -> None:
    _, tier, _ = place
    expected = cell(place)
    assert isinstance(expected, Outage)
    stands_in, opened, closed = NEXT[tier], BreakerState.OPEN, BreakerState.CLOSED

    def left(reason: Reason, times: int) -> dict[str, float]:
        return {counted.fallback(tier, stands_in, reason): times}

    assert _seen(place, played) == [
        Phase((stands_in,) * FAILURES, left(expected.reason, FAILURES), FAILURES * expected.asked, opened),
        Phase((stands_in,) * LEFT_ALONE, left(Reason.BREAKER_OPEN, LEFT_ALONE), 0, opened),
        Phase((stands_in,), left(expected.reason, 1), 1, opened),
        Phase((tier,), {}, 1, closed),
        Phase((tier,) * COMES_BACK, {}, COMES_BACK, closed),
    ]


async def _play_all() -> dict[str, Any]:
    """Those that wait do so together, once all of their gateways stand: a start takes what others are timed by."""
    seen: dict[str, Any] = {}
    for group in _groups():
        seen |= await _play(group)
    return seen


def _groups() -> list[list[Place]]:
    outages = [place for place in PLACES if isinstance(cell(place), Outage)]
    expected = [(place, found) for place in PLACES if isinstance(found := cell(place), Expected)]
    waiting = [place for place, found in expected if found.tight]
    alone = [[place] for place, found in expected if not found.tight]
    return [*batched(outages), *batched(waiting), *alone]


def batched(places: list[Place]) -> list[list[Place]]:
    return [places[start : start + AT_ONCE] for start in range(0, len(places), AT_ONCE)]


async def _play(group: list[Place]) -> dict[str, Any]:
    async with AsyncExitStack() as stages:
        playing = [_seen_on(await stages.enter_async_context(_stage(place)), place) for place in group]
        return dict(zip(map(_name, group), await asyncio.gather(*playing, return_exceptions=True), strict=True))


def _stage(place: Place) -> AbstractAsyncContextManager[Stage]:
    fault, tier, _ = place
    expected = cell(place)
    assert isinstance(expected, Expected | Outage)
    return staged(fault, tier, expected.tight)


async def _seen_on(stage: Stage, place: Place) -> Any:
    _, tier, mode = place
    async with asyncio.timeout(CELL_SECONDS):
        return await (observe_outage if isinstance(cell(place), Outage) else observe)(stage, tier, mode)


def _name(place: Place) -> str:
    return f"{place[0].name}, {place[1]}, {place[2]}"


def _seen(place: Place, played: dict[str, Any]) -> Any:
    found = played[_name(place)]
    if isinstance(found, BaseException):
        raise AssertionError(f"it could not be played to its end: {found!r}") from found
    return found


def _check_answer(answer: Answered, tier: TierName, mode: Mode, expected: Expected) -> None:
    assert answer.status == expected.status
    assert answer.headers.get("x-switchyard-fallback-reason") == counted.first_reason(tier, expected)
    assert answer.headers.get("x-switchyard-tier") == counted.answers(tier, expected)
    match expected.sees:
        case Sees.ANSWER:
            _check_text(answer, mode, OWN)
        case Sees.NEXT:
            _check_stand_in(answer, tier, mode)
        case Sees.BROKEN:
            assert answer.said == "Hel" and "[DONE]" not in answer.events
            assert answer.events[-1]["error"]["code"] == "stream_incomplete"
            assert str(expected.reason) in answer.events[-1]["error"]["message"]
        case Sees.REFUSAL:
            assert answer.error["message"] in ("no", "content management policy")
        case Sees.NOTHING:
            assert (answer.error["type"], answer.error["code"]) == ("server_error", "overloaded")
            assert int(answer.headers["retry-after"]) > 0


def _check_text(answer: Answered, mode: Mode, text: str) -> None:
    if mode is Mode.STREAM:
        assert (answer.said, answer.events[-1]) == (text, "[DONE]")
    else:
        assert answer.json["choices"][0]["message"]["content"] == text


def _check_stand_in(answer: Answered, tier: TierName, mode: Mode) -> None:
    """It names the model that really answered; an earlier answer says that it is one."""
    said = answer.events[0] if mode is Mode.STREAM else answer.json
    if tier is TierName.VLLM:
        _check_text(answer, mode, FROM_OPENAI)
        assert said["model"] == speech.OPENAI_MODEL
    else:
        _check_text(answer, mode, EARLIER)
        assert said["model"] == speech.MODEL
        assert 60 <= int(answer.headers["age"]) < 60 + CELL_SECONDS
        assert answer.headers["cache-status"] == "switchyard; hit"


def _check_wait(waited_seconds: float, limit: Limit | None) -> None:
    """Never how fast it was: which limit was waited for, while the others are far away."""
    least = {None: 0.0, Limit.LOOKUP: LOOKUP_SECONDS}.get(limit, SHORT_SECONDS)
    assert least - 0.005 <= waited_seconds < LONG_SECONDS / 2


def _asks(fault: Fault, tier: TierName, expected: Expected) -> dict[TierName, int]:
    """A host that takes no connection is never seen to be asked."""
    asked = 0 if isinstance(fault.happens, Host) else expected.asked
    if tier is TierName.CACHE:
        return {TierName.VLLM: 1, TierName.OPENAI: 1}
    if tier is TierName.OPENAI:
        return {TierName.VLLM: 1, TierName.OPENAI: asked}
    return {TierName.VLLM: asked, TierName.OPENAI: int(expected.sees is Sees.NEXT)}
