"""From what the operator asks to a release with its plan and everything that stands against it. Changes nothing."""

from dataclasses import dataclass
from datetime import timedelta

from scripts.aws.capacity import PERMANENT_PURPOSE
from scripts.aws.model import CapacityReservation, Host
from scripts.errors import Refused
from scripts.release import gpus, plans
from scripts.release.book import Book
from scripts.release.definitions import gpus_per_task
from scripts.release.ledger import stamp
from scripts.release.model import Change, Content, Placement, Release, release_id
from scripts.release.plans import Plan
from scripts.release.ports import Site
from scripts.release.preflight import Facts, Model, Override, objections, remarks
from scripts.release.state import State
from scripts.release.waiting import healthy_addresses
from scripts.release.warm import hold_left_seconds
from stacks.manifest import Manifest
from stacks.naming import PURPOSE_TAG, STACK_TAG, Colour, Names, Part

# The reservation must outlive the start of the hosts, and end by itself soon after.
_RESERVATION_MARGIN = timedelta(minutes=30)


@dataclass(frozen=True)
class Prepared:
    """A release that could begin, unless there are objections."""

    release: Release
    placement: Placement
    plan: Plan
    objections: tuple[str, ...]
    remarks: tuple[str, ...]


def prepare(site: Site, state: State, change: Change, why: str, override: Override) -> Prepared:
    """Raises Refused where there is nothing to release or something is left open."""
    content = _content(state, change)
    release = Release(
        id=release_id(site.clock.now()),
        content=content,
        who=site.cloud.identity,
        at=stamp(site.clock),
        why=why,
        despite=override.alarms,
        because=override.because,
    )
    placement = plans.place(state.book, state.live_content, content, release.id)
    facts = gather(site, state, content, placement)
    until = site.clock.now() + timedelta(seconds=site.manifest.policy.start_timeout_seconds) + _RESERVATION_MARGIN
    capacity = plans.Capacity(facts.hosts_to_prove, until, facts.unreserved)
    plan = plans.deploy(site.manifest, state, release, placement, capacity, hold_left_seconds(site, state.book))
    against = objections(site.manifest, state, content, facts, override)
    return Prepared(release, placement, plan, tuple(against), tuple(remarks(facts)))


def require_no_objection(site: Site, prepared: Prepared) -> None:
    for remark in prepared.remarks:
        site.voice.say(remark)
    if prepared.objections:
        raise Refused("nothing was changed, because " + "; and ".join(prepared.objections))


def gather(site: Site, state: State, content: Content, placement: Placement) -> Facts:
    """Every fact that pre-flight needs, read before the first change."""
    secrets = site.manifest.secrets
    arns = [arn for arn in (secrets.api_keys, secrets.smoke_key, secrets.openai_key) if arn]
    starts = plans.starts_inference(state.book, placement)
    hosts = site.cloud.hosts() if starts else ()
    to_add = _hosts_to_add(site.manifest, state, placement, hosts) if starts else 0
    ours = _ours(site) if to_add else ()
    return Facts(
        images={
            Part.API: site.cloud.image(Part.API, content.api_image),
            Part.VLLM: site.cloud.image(Part.VLLM, content.vllm_image),
        },
        healthy={slot: len(healthy_addresses(site.cloud.targets(*slot))) for slot in _live_slots(state.book)},
        alarms=site.cloud.ringing_alarms(),
        secrets_missing=tuple(arn for arn in arns if not site.cloud.secret_has_value(arn)),
        credentials_left_seconds=site.cloud.credentials_left_seconds(),
        group=site.cloud.group() if to_add else None,
        quota_vcpus=site.cloud.quota_vcpus() if to_add else None,
        hosts_to_add=to_add,
        model=_model(site, content) if starts else None,
        hosts_to_prove=gpus.hosts_to_prove(to_add, filter(_is_permanent, ours)),
        unreserved=gpus.unreserved(hosts, ours),
    )


def _content(state: State, change: Change) -> Content:
    live = state.live_content
    if live is None:
        if state.book.live is not None:
            raise Refused(f"{state.contradiction or 'the live release cannot be read'}: see `fab history`")
        if change.missing:
            raise Refused(f"no release is live yet, so the first one must name everything: {', '.join(change.missing)}")
        return change.complete()
    content = change.applied_to(live)
    if content == live:
        raise Refused(f"nothing to release: that is what is live already ({live.short})")
    return content


def _model(site: Site, content: Content) -> Model:
    """A release that starts no vLLM needs none: its model runs already."""
    if not site.manifest.model_bucket:
        return Model.UNKNOWN
    return Model.COMPLETE if site.cloud.model_is_complete(content.pinned_model) else Model.MISSING


def _hosts_to_add(manifest: Manifest, state: State, placement: Placement, hosts: tuple[Host, ...]) -> int:
    """GPUs that an unsettled colour gives back count as free: it stops before the candidate starts."""
    count = plans.wanted_count(manifest, state, Part.VLLM, placement.model_colour)
    freed = state.services[Part.VLLM, placement.model_colour].running
    return gpus.hosts_to_add(
        count,
        gpus_per_task(state.templates[Part.VLLM]),
        hosts,
        freed,
        manifest.capacity.gpus_per_host,
    )


def _ours(site: Site) -> tuple[CapacityReservation, ...]:
    mine = Names(site.manifest.environment).prefix
    return tuple(found for found in site.cloud.reservations() if found.tags.get(STACK_TAG) == mine)


def _is_permanent(found: CapacityReservation) -> bool:
    return found.tags.get(PURPOSE_TAG) == PERMANENT_PURPOSE


def _live_slots(book: Book) -> list[tuple[Part, Colour]]:
    if book.live is None:
        return []
    return [(Part.API, book.live.placement.colour), (Part.VLLM, book.live.placement.model_colour)]
