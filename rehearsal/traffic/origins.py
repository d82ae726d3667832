"""Who really made the answers. Pure: compares what a reply says with what the upstreams wrote down."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from rehearsal.generations import Generation, Upstream
from rehearsal.traffic.outage import Outage
from rehearsal.traffic.record import Outcome, Record

UNNAMED = "an unnamed tier"


def answered_elsewhere(records: Iterable[Record], outage: Outage | None = None) -> Mapping[str, int]:
    """How many requests each tier answered in place of vLLM; empty when vLLM was there but in the outage."""
    unexplained = (record for record in records if outage is None or not outage.stood_in(record))
    tiers = (record.tier or UNNAMED for record in unexplained if record.outcome is Outcome.ANSWERED)
    return dict(Counter(tier for tier in tiers if tier != Upstream.VLLM))


def wrong_model_ids(records: Iterable[Record], generations: Iterable[Generation]) -> tuple[str, ...]:
    """The requests whose reply names a vLLM colour that did not generate it.

    One without any generation says nothing: an upstream writes only what it completed with the client still there.
    """
    makers: dict[str, set[tuple[Upstream, str | None]]] = defaultdict(set)
    for entry in generations:
        makers[entry.request_id].add((entry.upstream, entry.colour))
    claims = (record for record in records if record.tier == Upstream.VLLM and record.outcome is Outcome.ANSWERED)
    return tuple(
        record.id
        for record in claims
        if record.id in makers and (Upstream.VLLM, record.model_colour) not in makers[record.id]
    )
