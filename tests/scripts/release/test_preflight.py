"""Pre-flight: every refusal comes before the first change, and says what to do."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scripts.aws.model import Alarm
from scripts.errors import Refused
from scripts.release.ledger import Ledger
from scripts.release.model import Change
from scripts.release.preflight import Override
from stacks.naming import Colour, Part
from tests.scripts.examples import actions, digest, manifest
from tests.scripts.world import FIRST, NEW_API, NEW_MODEL, World

Spoil = Callable[[World], None]


def low_on_credentials(world: World) -> None:
    world.cloud.credentials_seconds = 60


def without_image(world: World) -> None:
    world.cloud.missing_images = {digest("vllm-1")}


def wrong_architecture(world: World) -> None:
    world.cloud.platforms = ("linux/arm64",)


def without_model(world: World) -> None:
    world.cloud.missing_models = {"resume@2"}


def without_secret(world: World) -> None:
    world.cloud.secrets_missing = {"arn:secret:openai"}


def no_room_for_hosts(world: World) -> None:
    world.cloud.group_maximum = 3


def small_quota(world: World) -> None:
    world.cloud.quota = 12


def unhealthy_live(world: World) -> None:
    world.cloud.ecs.never_healthy = {digest("api-1")}


def ringing(world: World) -> None:
    world.cloud.alarms = (Alarm("switchyard-staging-errors", "6 %", blocks_release=True),)


def moved_by_hand(world: World) -> None:
    world.cloud.actions = actions(world.manifest, 50, 50)


def replaced_by_hand(world: World) -> None:
    slots = world.cloud.ecs.slots
    slots[Part.API, Colour.GREEN].definition = slots[Part.API, Colour.BLUE].definition


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (low_on_credentials, r"credentials expire in 60 s.*log in again"),
        (without_image, r"is not in the registry: push it first"),
        (wrong_architecture, r"built for linux/arm64, the hosts are linux/amd64"),
        (
            without_model,
            r"s3://switchyard-staging-models-123456789012/models/resume@2/.complete is missing: check --model, or up",
        ),
        (without_secret, r"arn:secret:openai has no value: set it"),
        (no_room_for_hosts, r"2 more g5.xlarge needed, .* may add 1"),
        (small_quota, r"may run 12 vCPUs .* 16 are needed"),
        (unhealthy_live, r"live api green has 0 healthy of 2 running"),
        (ringing, r"alarm switchyard-staging-errors rings .*--despite"),
        (moved_by_hand, r"the rule reads blue 50 %, green 50 %"),
        (replaced_by_hand, r"runs no release|the ledger says"),
    ],
)
def test_a_refusal_changes_nothing(spoil: Spoil, says: str) -> None:
    world = World().live()
    spoil(world)
    world.cloud.calls.clear()
    book = world.book
    with pytest.raises(Refused, match=says):
        world.deploy(NEW_MODEL)
    assert (world.cloud.calls, world.book) == ([], book)


def test_all_objections_are_told_at_once() -> None:
    world = World().live()
    ringing(world)
    without_secret(world)
    with pytest.raises(Refused, match=r"no value.*; and alarm"):
        world.deploy(NEW_API)


def test_an_overridden_alarm_is_recorded_with_its_reason() -> None:
    world = World().live()
    ringing(world)
    world.deploy(NEW_API, override=Override(("switchyard-staging-errors",), "this release repairs it"))
    release = Ledger(world.table, world.clock).newest(1)[0].release
    assert (release.despite, release.because) == (("switchyard-staging-errors",), "this release repairs it")


def test_an_alarm_that_blocks_nothing_stops_nobody() -> None:
    world = World().live()
    world.cloud.alarms = (Alarm("switchyard-staging-cost", "much", blocks_release=False),)
    world.deploy(NEW_API)


def test_an_architecture_that_the_registry_does_not_state_is_said() -> None:
    world = World().live()
    world.cloud.platforms = None
    world.deploy(NEW_API)
    assert "the registry does not state the architecture of the api image" in world.said


def test_a_release_that_starts_no_vllm_asks_for_no_model() -> None:
    world = World().live()
    world.cloud.missing_models = {"resume@1"}
    world.deploy(NEW_API)


def test_the_first_release_is_refused_before_a_host_starts_when_its_model_is_missing() -> None:
    world = World()
    world.cloud.missing_models = {"resume@1"}
    with pytest.raises(Refused, match=r"model resume@1 is not complete"):
        world.deploy(FIRST)
    assert world.cloud.calls == []


def test_a_model_that_a_manifest_from_before_cannot_place_is_said_and_stops_nobody() -> None:
    world = World(manifest=replace(manifest(), model_bucket=""))
    world.cloud.missing_models = {"resume@1"}
    world.deploy(FIRST)
    assert "names no model bucket" in world.said


def test_gpus_of_an_unsettled_colour_count_as_free() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    world.switchover()
    world.cloud.calls.clear()
    world.deploy(Change(model="resume", revision="3"))
    assert "CreateCapacityReservation" not in world.cloud.operations()
