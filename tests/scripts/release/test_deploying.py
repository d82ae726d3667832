"""deploy-green: on the idle colour, warm and checked, or taken back."""

import pytest

from scripts.errors import AwsFailed, ExitCode, Refused, Restored
from scripts.release.book import Role
from scripts.release.ledger import Ledger, Outcome
from scripts.release.model import Change
from stacks.naming import Colour, Part
from tests.scripts.examples import MAXIMUM, digest
from tests.scripts.world import FIRST, NEW_API, NEW_MODEL, World

BROKEN = Change(vllm_image=digest("vllm-broken"))


def counts(world: World) -> dict[tuple[Part, Colour], int]:
    return {slot: service.desired for slot, service in world.cloud.ecs.slots.items()}


def outcome(world: World, release: str) -> Outcome:
    entry = Ledger(world.table, world.clock).entry(release)
    assert entry is not None
    return entry.outcome


def test_the_first_release_goes_to_green_and_gets_no_traffic() -> None:
    world = World()
    done = world.deploy(FIRST)
    assert done.book.idle is not None
    assert (done.book.live, done.book.idle.placement.colour) == (None, Colour.GREEN)
    assert done.book.idle.role is Role.CANDIDATE
    assert "ModifyRule" not in world.cloud.operations()


def test_the_first_release_must_name_everything() -> None:
    with pytest.raises(Refused, match=r"--vllm-image, --model, --profile"):
        World().deploy(Change(api_image=digest("api-1")))


def test_a_new_api_image_needs_no_second_gpu() -> None:
    world = World().live()
    world.cloud.calls.clear()
    world.deploy(NEW_API)
    assert "CreateCapacityReservation" not in world.cloud.operations()
    assert counts(world)[Part.VLLM, Colour.BLUE] == 0


def test_a_new_model_starts_the_free_vllm_colour_and_leaves_the_live_one_alone() -> None:
    world = World().live()
    before = world.cloud.ecs.slots[Part.VLLM, Colour.GREEN].definition
    world.deploy(NEW_MODEL)
    assert counts(world) == dict.fromkeys(counts(world), 2)
    assert world.cloud.ecs.slots[Part.VLLM, Colour.GREEN].definition == before


def test_a_candidate_is_as_large_as_what_it_replaces() -> None:
    world = World().live()
    world.cloud.ecs.update({"service": "staging-api-green", "desiredCount": 3})
    world.clock.advance(1)
    world.clock.advance(5)
    world.deploy(NEW_API)
    assert counts(world)[Part.API, Colour.BLUE] == 3


def test_a_service_starts_by_one_update() -> None:
    world = World().live()
    world.cloud.calls.clear()
    world.deploy(NEW_MODEL)
    assert world.cloud.operations().count("UpdateService") == 2


def test_a_definition_is_the_template_with_image_and_contract_variables_and_nothing_else() -> None:
    world = World().live()
    call = next(c for c in world.cloud.calls if c.operation == "RegisterTaskDefinition")
    container, sidecar = call.parameters["containerDefinitions"]
    assert container["image"].endswith("@" + digest("vllm-1"))
    assert container["linuxParameters"] == {"initProcessEnabled": True}
    assert {"name": "SWITCHYARD_ENVIRONMENT", "value": "staging"} in container["environment"]
    assert sidecar["image"] == "collector:1"


def test_nothing_to_release_is_refused() -> None:
    world = World().live()
    with pytest.raises(Refused, match="nothing to release"):
        world.deploy(Change(api_image=digest("api-1")))


def test_a_waiting_candidate_is_not_deployed_over() -> None:
    world = World().live()
    world.deploy(NEW_API)
    with pytest.raises(Refused, match="holds candidate") as refused:
        world.deploy(NEW_MODEL)
    assert refused.value.next_command == "fab abort --env staging"


def test_a_crash_loop_is_told_with_its_reason_and_taken_back() -> None:
    world = World().live()
    world.cloud.ecs.crashes = {digest("vllm-broken")}
    with pytest.raises(Restored, match=r"tasks stopped, the last because: .*vllm exited with 1") as failed:
        world.deploy(BROKEN)
    assert failed.value.exit_code == ExitCode.RESTORED
    assert world.clock.seconds < 300
    assert world.book.idle is None
    assert counts(world)[Part.VLLM, Colour.BLUE] == 0
    assert world.cloud.ecs.slots[Part.VLLM, Colour.BLUE].bounds == (0, 0)


def test_a_candidate_that_is_never_healthy_is_taken_back_after_the_start_timeout() -> None:
    world = World().live()
    world.cloud.ecs.never_healthy = {digest("vllm-broken")}
    with pytest.raises(Restored, match=r"not healthy after 300 s: 2 of 2 running, 0 healthy"):
        world.deploy(BROKEN)
    assert counts(world)[Part.VLLM, Colour.BLUE] == 0
    assert world.cloud.violations == []


def test_a_model_that_serves_another_name_fails_smoke_and_is_taken_back() -> None:
    world = World().live()
    world.door.wrong_models = {digest("vllm-broken")}
    with pytest.raises(Restored, match="tier openai"):
        world.deploy(BROKEN)
    assert counts(world)[Part.API, Colour.BLUE] == 0


def test_a_failed_release_is_remembered_as_failed_and_scale_in_works_again() -> None:
    world = World().live()
    world.cloud.ecs.crashes = {digest("vllm-broken")}
    with pytest.raises(Restored):
        world.deploy(BROKEN)
    newest = Ledger(world.table, world.clock).newest(1)[0]
    assert newest.outcome is Outcome.FAILED
    assert world.cloud.ecs.slots[Part.API, Colour.GREEN].scale_in


def test_deploying_over_an_unsettled_colour_asks_first() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    world.switchover()
    with pytest.raises(Refused, match=r"ends the warm rollback.*--yes"):
        world.deploy(NEW_API, yes=False)
    assert world.book.is_unsettled


def test_deploying_over_an_unsettled_colour_clears_it_first() -> None:
    world = World().live()
    first = world.book.live
    world.deploy(NEW_MODEL)
    world.switchover()
    world.deploy(Change(model="resume", revision="3"))
    assert first is not None
    assert outcome(world, first.placement.release) is Outcome.SETTLED
    assert world.cloud.violations == []


def test_the_minimum_stays_zero_until_the_candidate_is_live() -> None:
    world = World().live()
    world.deploy(NEW_MODEL)
    assert world.cloud.ecs.slots[Part.VLLM, Colour.BLUE].bounds == (0, MAXIMUM)


def test_a_permission_that_is_missing_at_the_first_change_leaves_nothing_behind() -> None:
    world = World().live()
    book = world.book

    def denied(call: object) -> None:
        raise AwsFailed("application-autoscaling RegisterScalableTarget: no (AccessDenied)", "AccessDenied")

    world.cloud.before_write.append(denied)
    with pytest.raises(Refused, match="nothing was changed"):
        world.deploy(NEW_API)
    assert world.book == book
