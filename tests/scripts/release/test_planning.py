"""`plan` prints the calls that are then made, and makes none."""

from collections.abc import Iterable

import pytest

from scripts.aws.model import Call
from scripts.errors import Refused
from scripts.release.commands import Consent, conclude, foresee
from scripts.release.model import Change
from scripts.release.preflight import Override
from scripts.task_names import TaskName
from tests.scripts.examples import digest
from tests.scripts.world import FIRST, NEW_API, NEW_MODEL, World


def shape(calls: Iterable[Call]) -> list[tuple[str, str]]:
    """Operation and what it is about; ids that are only known afterwards are left out."""
    names = ("service", "family", "ResourceId", "RuleArn", "AvailabilityZone", "InstanceCount")
    return [(c.operation, " ".join(str(c.parameters[n]) for n in names if n in c.parameters)) for c in calls]


@pytest.mark.parametrize("change", [NEW_API, NEW_MODEL])
def test_the_plan_is_exactly_what_is_done(change: Change) -> None:
    world = World().live()
    prepared, after = foresee(world.site, change, "because", Override())
    foretold = [*shape(prepared.plan.calls(world.manifest)), *shape(after.calls(world.manifest))]
    world.cloud.calls.clear()
    world.deploy(change)
    world.switchover()
    assert shape(world.cloud.calls) == foretold


def test_planning_changes_nothing_and_takes_no_lock() -> None:
    world = World().live()
    world.cloud.calls.clear()
    items = dict(world.table.items)
    foresee(world.site, NEW_MODEL, "because", Override())
    assert (world.cloud.calls, world.table.items) == ([], items)


def test_a_first_release_can_be_planned() -> None:
    world = World()
    prepared, after = foresee(world.site, FIRST, "because", Override())
    assert shape(after.calls(world.manifest))[-1] == ("ModifyRule", world.manifest.door.traffic_rule_arn)
    assert prepared.objections == ()


def test_a_plan_names_what_would_refuse_it() -> None:
    world = World().live()
    world.cloud.missing_images = {digest("api-2")}
    prepared, _ = foresee(world.site, NEW_API, "because", Override())
    assert "is not in the registry" in prepared.objections[0]


@pytest.mark.parametrize("task", [TaskName.SWITCHOVER, TaskName.ABORT])
def test_a_dry_run_plans_and_does_nothing(task: TaskName) -> None:
    world = World().live()
    world.deploy(NEW_API)
    world.cloud.calls.clear()
    done = conclude(world.site, task, Consent(dry_run=True))
    assert done.plan is not None
    assert world.cloud.calls == []


def test_a_dry_run_refuses_what_the_command_would_refuse() -> None:
    with pytest.raises(Refused):
        conclude(World().live().site, TaskName.SWITCHOVER, Consent(dry_run=True))
