"""The composition root: what the gateway is made of, and what each part is given. Reads like a table of contents.

Nothing here asks or listens; gateway.server starts and ends what was composed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from gateway import queue_depth
from gateway.accounting import Accounting
from gateway.admission import Admission
from gateway.app import App, Path
from gateway.body import BodyReader
from gateway.breaker import Breaker
from gateway.cache.cache import Cache
from gateway.cache.key import Served
from gateway.chain import Chain
from gateway.completions import Completions, Road
from gateway.drain import Drain
from gateway.endpoints import CHAT, TEXT
from gateway.exchange import Identity
from gateway.keeping import Keeping
from gateway.metrics import Metrics
from gateway.outcome import RouteName, TierName
from gateway.periodic import Periodic
from gateway.probes import Models, Ready, health
from gateway.queue_depth import QueueDepth
from gateway.request_log import RequestLog
from gateway.retrying import RetryBudget
from gateway.routing import Routing
from gateway.settings import OpenAiAccount, Settings
from gateway.standing import Standing
from gateway.tables.opened import OpenTables
from gateway.tiers import refusals
from gateway.tiers.cached import CacheTier
from gateway.tiers.openai import openai
from gateway.tiers.tier import Tier
from gateway.tiers.upstream import UpstreamTier
from gateway.tiers.vllm import vllm
from gateway.upstream.client import Transport


@dataclass(frozen=True)
class Composed:
    """What the server starts, ends and shows."""

    app: App
    metrics: Metrics
    request_log: RequestLog
    standing: Standing
    cache: Cache | None
    jobs: tuple[Periodic, ...]
    breakers: Mapping[TierName, Breaker]


def compose(
    settings: Settings, drain: Drain, transport: Transport, log_stream: BinaryIO, tables: OpenTables | None = None
) -> Composed:
    standing = Standing(settings, tables)
    metrics = Metrics(settings)
    log = RequestLog(settings, log_stream)
    admission = Admission(settings.admission)
    budget = RetryBudget(settings.retry, lambda: admission.in_flight)
    accounting = Accounting(metrics, standing.meter, standing.limits, log, standing.answered)

    depth = QueueDepth(transport, settings.vllm_url)
    upstreams = _upstreams(settings, standing, transport, budget, metrics, depth)
    breakers = {tier.name: tier.breaker for tier in upstreams}
    cache = _cache(settings, standing, metrics)
    tiers: dict[TierName, Tier] = {tier.name: tier for tier in upstreams}
    if cache is not None:
        tiers[TierName.CACHE] = CacheTier(cache)

    routing = Routing(settings, frozenset(tiers), standing.switches.mode)
    chain = Chain(tiers, routing, metrics)
    keeping = Keeping(cache, standing.switches.mode)
    bodies = BodyReader(settings.admission.coming_bytes)
    road = Road(settings.limits, drain, admission, bodies, routing, chain, accounting, keeping)
    app = App(_paths(road, drain, routing, standing), Identity(settings), standing.keyring, drain, accounting)

    metrics.observe_admission(lambda: admission.in_flight, lambda: admission.queued)
    metrics.observe_breakers(breakers)
    standing.watch(breakers)
    return Composed(app, metrics, log, standing, cache, _jobs(settings, depth), breakers)


def _paths(road: Road, drain: Drain, routing: Routing, standing: Standing) -> dict[str, Path]:
    return {
        "/v1/chat/completions": Path("POST", Completions(CHAT, road), RouteName.CHAT_COMPLETIONS),
        "/v1/completions": Path("POST", Completions(TEXT, road), RouteName.COMPLETIONS),
        "/v1/models": Path("GET", Models(routing), RouteName.MODELS),
        "/health": Path("GET", health),
        "/ready": Path("GET", Ready(drain, lambda: standing.is_informed)),
    }


def _upstreams(
    settings: Settings,
    standing: Standing,
    transport: Transport,
    budget: RetryBudget,
    metrics: Metrics,
    depth: QueueDepth,
) -> list[UpstreamTier]:
    def breaker() -> Breaker:
        return Breaker(settings.breaker, on_change=standing.breaker_changed)

    overflow = settings.overflow_queue_depth
    first = UpstreamTier(
        vllm(settings),
        breaker(),
        transport,
        budget,
        metrics,
        is_overflowing=refusals.never if overflow is None else refusals.overflowing(depth, overflow),
    )
    return (
        [first]
        if settings.openai is None
        else [first, _paid(settings.openai, standing, breaker(), transport, budget, metrics)]
    )


def _paid(
    account: OpenAiAccount,
    standing: Standing,
    breaker: Breaker,
    transport: Transport,
    budget: RetryBudget,
    metrics: Metrics,
) -> UpstreamTier:
    return UpstreamTier(
        openai(account),
        breaker,
        transport,
        budget,
        metrics,
        most_in_flight=account.in_flight,
        is_spent=refusals.spent(standing.meter, TierName.OPENAI, account.monthly_cap_usd),
    )


def _cache(settings: Settings, standing: Standing, metrics: Metrics) -> Cache | None:
    if settings.cache is None:
        return None
    return Cache(
        standing.tables.cache,
        settings.cache,
        Served.by(settings),
        lambda: standing.is_live,
        metrics.cache_lookup,
        metrics.cache_write,
    )


def _jobs(settings: Settings, depth: QueueDepth) -> tuple[Periodic, ...]:
    if settings.overflow_queue_depth is None:
        return ()
    return (Periodic("reading vLLM's queue", queue_depth.POLL_SECONDS, depth.poll),)
