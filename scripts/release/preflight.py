"""What stands against a release, found before anything changes. Pure: facts in, sentences out.

The reservation that proves EC2's capacity is not here: it is the last check and the first change (plans.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from scripts.aws.model import Alarm, Group, Image
from scripts.release.model import Content
from scripts.release.state import State
from stacks.manifest import Manifest
from stacks.naming import Colour, Part, model_marker

PLATFORM = "linux/amd64"


class Model(Enum):
    """Whether hosts can bring the model that a new vLLM will serve."""

    COMPLETE = auto()
    MISSING = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class Facts:
    """What pre-flight looks at besides the state. `healthy` counts healthy targets of the live release's slots.

    `model` is None for a release that starts no vLLM.
    `hosts_to_prove` and `unreserved` (by zone) go into the plan: see gpus.py.
    """

    images: dict[Part, Image | None]
    healthy: dict[tuple[Part, Colour], int]
    alarms: tuple[Alarm, ...]
    secrets_missing: tuple[str, ...]
    credentials_left_seconds: float | None
    group: Group | None
    quota_vcpus: float | None
    hosts_to_add: int
    model: Model | None
    hosts_to_prove: int
    unreserved: Mapping[str, int]


@dataclass(frozen=True)
class Override:
    """Alarms that the operator has seen and accepts, with the reason."""

    alarms: tuple[str, ...] = ()
    because: str = ""


def objections(manifest: Manifest, state: State, content: Content, facts: Facts, override: Override) -> list[str]:
    """Every reason not to begin, each a sentence with what to do."""
    return [
        *_credentials(manifest, facts),
        *_live(state, facts),
        *_images(manifest, content, facts),
        *_model(manifest, content, facts),
        *_secrets(facts),
        *_gpus(manifest, facts),
        *_alarms(facts.alarms, override),
    ]


def remarks(facts: Facts) -> list[str]:
    """What could not be checked."""
    unstated = [part for part, image in facts.images.items() if image is not None and image.platforms is None]
    found = [f"the registry does not state the architecture of the {part} image" for part in unstated]
    if facts.model is Model.UNKNOWN:
        found.append("the manifest names no model bucket, so whether the model is there was not seen: run `pulumi up`")
    return found


def _credentials(manifest: Manifest, facts: Facts) -> Iterable[str]:
    left, needed = facts.credentials_left_seconds, manifest.policy.start_timeout_seconds
    if left is not None and left < needed:
        yield f"the credentials expire in {left:.0f} s, this may take {needed:.0f} s: log in again first"


def _live(state: State, facts: Facts) -> Iterable[str]:
    """A release replaces something that works; repairing is another job."""
    if state.contradiction:
        yield state.contradiction + ": somebody changed the service by hand; look at `fab history` and at ECS"
    if state.book.live is None:
        return
    if state.weights.sole is not state.book.live.placement.colour:
        yield f"the rule reads {state.weights}, but {state.book.live.placement.colour} is live: see `fab status`"
    for (part, colour), healthy in facts.healthy.items():
        running = state.services[part, colour].running
        if healthy == 0 or healthy < running:
            yield f"live {part} {colour} has {healthy} healthy of {running} running tasks: see runbooks/alerts"


def _images(manifest: Manifest, content: Content, facts: Facts) -> Iterable[str]:
    digests = {Part.API: content.api_image, Part.VLLM: content.vllm_image}
    for part, image in facts.images.items():
        where = f"{manifest.repositories[part]}@{digests[part]}"
        if image is None:
            yield f"{where} is not in the registry: push it first, or check the digest"
        elif image.platforms is not None and PLATFORM not in image.platforms:
            yield f"{where} was built for {', '.join(image.platforms)}, the hosts are {PLATFORM}: build it for them"


def _model(manifest: Manifest, content: Content, facts: Facts) -> Iterable[str]:
    if facts.model is Model.MISSING:
        yield (
            f"model {content.pinned_model} is not complete: s3://{manifest.model_bucket}/"
            f"{model_marker(content.pinned_model)} is missing: check --model, or upload the model and then that file "
            "(docs/first-deploy.md, section 5)"
        )


def _secrets(facts: Facts) -> Iterable[str]:
    for arn in facts.secrets_missing:
        yield f"secret {arn} has no value: set it, tasks cannot start without it"


def _gpus(manifest: Manifest, facts: Facts) -> Iterable[str]:
    if facts.hosts_to_add == 0 or facts.group is None:
        return
    capacity, group = manifest.capacity, facts.group
    headroom = group.maximum - group.desired
    if headroom < facts.hosts_to_add:
        yield (
            f"{facts.hosts_to_add} more {capacity.instance_type} needed, {capacity.autoscaling_group} may add "
            f"{max(0, headroom)} ({group.desired} of {group.maximum}): `fab settle` frees the old colour's, or raise "
            "the maximum in the settings"
        )
    vcpus = (group.desired + facts.hosts_to_add) * capacity.vcpus_per_host
    if facts.quota_vcpus is not None and facts.quota_vcpus < vcpus:
        yield (
            f"the account may run {facts.quota_vcpus:.0f} vCPUs of G and VT instances, {vcpus} are needed: "
            "ask AWS for more (quota L-DB2E81BA)"
        )


def _alarms(alarms: Sequence[Alarm], override: Override) -> Iterable[str]:
    for alarm in alarms:
        if alarm.blocks_release and alarm.name not in override.alarms:
            yield (
                f"alarm {alarm.name} rings ({alarm.reason or 'no reason given'}): "
                f"repair it, or --despite {alarm.name} --because TEXT"
            )
