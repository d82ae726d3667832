"""Plays one cell of the table on a gateway of its own, and remembers what everybody saw."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from gateway.breaker import BreakerState
from gateway.outcome import TierName
from gateway.settings import BreakerPolicy, Limits

from tests.gateway import speech
from tests.gateway.faults.caches import CacheTrouble, tables
from tests.gateway.faults.expected import Limit, Mode
from tests.gateway.faults.table import Fault, Host
from tests.gateway.stage import Answered, Stage, account_at, open_stage
from tests.gateway.transport.peer import dropping
from tests.gateway.upstream import Upstream

SHORT_SECONDS = 0.5
LONG_SECONDS = 20.0
"""Of all limits but the one that a cell waits for: an answer that waited for another comes too late for its test."""

OPEN_SECONDS = 1.5
FAILURES = BreakerPolicy().failures
LEFT_ALONE = 3
COMES_BACK = 2
WAS_OVERLOADED = speech.error(503)
FROM_OPENAI = "From OpenAI"

LONG = Limits(
    connect_seconds=LONG_SECONDS,
    first_content_seconds=LONG_SECONDS,
    idle_seconds=LONG_SECONDS,
    total_seconds=6 * LONG_SECONDS,
    body_seconds=LONG_SECONDS,
)
_TELLING = ("requests", "errors", "fallbacks", "retries", "usage_missing", "cache_lookups")
_COUNTED = [f"switchyard_{name}_total" for name in _TELLING]

Samples = dict[str, float]


@dataclass(frozen=True)
class Observed:
    """`asked`: how often each upstream was. `counted`: by how much each counter rose. `failures` and `breaker`: of the
    faulty tier; the cache has neither."""

    answer: Answered
    waited_seconds: float
    asked: dict[TierName, int]
    counted: Samples
    failures: int
    breaker: BreakerState | None
    in_flight: float | None


@dataclass(frozen=True)
class Phase:
    """A part of an outage: who answered each request, why the faulty tier was left, and how it stood afterwards."""

    answered: tuple[str, ...]
    left: Samples
    asked: int
    breaker: BreakerState


async def observe(stage: Stage, tier: TierName, mode: Mode) -> Observed:
    began = time.monotonic()
    answer = await stage.ask(stream=mode is Mode.STREAM)
    waited_seconds = time.monotonic() - began
    breaker = stage.gateway.parts.breakers.get(tier)
    return Observed(
        answer,
        waited_seconds,
        {TierName.VLLM: len(stage.vllm.seen), TierName.OPENAI: len(stage.openai.seen)},
        risen({}, counters(stage)),
        breaker.failures_in_a_row if breaker else 0,
        breaker.state if breaker else None,
        _in_flight(stage),
    )


async def observe_outage(stage: Stage, tier: TierName, mode: Mode) -> list[Phase]:
    """It fails until the breaker opens; is left alone; is probed in vain; is probed again; is back."""
    return [
        await _phase(stage, tier, mode, FAILURES),
        await _phase(stage, tier, mode, LEFT_ALONE),
        await _phase(stage, tier, mode, 1, after_the_time=True),
        await _phase(stage, tier, mode, 1, after_the_time=True),
        await _phase(stage, tier, mode, COMES_BACK),
    ]


async def _phase(stage: Stage, tier: TierName, mode: Mode, requests: int, *, after_the_time: bool = False) -> Phase:
    breaker = stage.gateway.parts.breakers[tier]
    upstream = _upstream(stage, tier)
    if after_the_time:
        await asyncio.sleep(breaker.seconds_left() + 0.01)
    before, asked_before = counters(stage), len(upstream.seen)
    answers = [await stage.ask(stream=mode is Mode.STREAM) for _ in range(requests)]
    rose = risen(before, counters(stage))
    return Phase(
        tuple(answer.headers["x-switchyard-tier"] for answer in answers),
        {name: by for name, by in rose.items() if f'_fallbacks_total{{from="{tier}"' in name},
        len(upstream.seen) - asked_before,
        breaker.state,
    )


def risen(before: Samples, after: Samples) -> Samples:
    return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}


def counters(stage: Stage) -> Samples:
    """Those that tell what became of requests. All of the page would take more time than the request."""
    registry = stage.gateway.parts.metrics.registry.restricted_registry(_COUNTED)
    samples = [sample for family in registry.collect() for sample in family.samples if sample.name in _COUNTED]
    return {_named(sample.name, sample.labels): sample.value for sample in samples}


def _in_flight(stage: Stage) -> float | None:
    registry = stage.gateway.parts.metrics.registry.restricted_registry(["switchyard_in_flight"])
    return next((sample.value for family in registry.collect() for sample in family.samples), None)


def _named(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    return f"{name}{{{inside}}}"


@asynccontextmanager
async def staged(fault: Fault, tier: TierName, short: Limit | None) -> AsyncIterator[Stage]:
    """A gateway whose tiers before the faulty one are overloaded, and whose others are well."""
    trouble = fault.happens if isinstance(fault.happens, CacheTrouble) else None
    async with tables(trouble) as held, open_stage() as stage, _hosts(stage, fault, tier) as urls:
        _set_scripts(stage, fault, tier)
        limits = _limits(short)
        # Of two tiers that may be slow only the faulty one has little time.
        seconds = {TierName.VLLM: LONG_SECONDS, TierName.OPENAI: LONG_SECONDS, tier: limits.first_content_seconds}
        limits = replace(limits, first_content_seconds=seconds[TierName.VLLM])
        account = account_at(urls[TierName.OPENAI], first_content_seconds=seconds[TierName.OPENAI])
        await stage.start(
            vllm_url=urls[TierName.VLLM],
            openai=account,
            limits=limits,
            breaker=BreakerPolicy(open_seconds=OPEN_SECONDS),
            held_tables=held,
        )
        yield stage


@asynccontextmanager
async def _hosts(stage: Stage, fault: Fault, tier: TierName) -> AsyncIterator[dict[TierName, str]]:
    urls = {TierName.VLLM: stage.vllm.url, TierName.OPENAI: stage.openai.url}
    if fault.happens is Host.DROPS:
        async with dropping() as port:
            yield {**urls, tier: f"http://127.0.0.1:{port}"}
    elif fault.happens is Host.REFUSES:
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))  # and does not listen
            yield {**urls, tier: f"http://127.0.0.1:{reserved.getsockname()[1]}"}
    else:
        yield urls


def _set_scripts(stage: Stage, fault: Fault, tier: TierName) -> None:
    stage.vllm.script = WAS_OVERLOADED
    stage.openai.script = (
        speech.stream(FROM_OPENAI, model=speech.OPENAI_MODEL) if tier is TierName.VLLM else WAS_OVERLOADED
    )
    if not isinstance(fault.happens, Host | CacheTrouble):
        _upstream(stage, tier).script = fault.happens


def _limits(short: Limit | None) -> Limits:
    if short is None or short.value is None:
        return LONG
    changed: dict[str, Any] = {short.value: SHORT_SECONDS}
    return replace(LONG, **changed)


def _upstream(stage: Stage, tier: TierName) -> Upstream:
    return stage.vllm if tier is TierName.VLLM else stage.openai
