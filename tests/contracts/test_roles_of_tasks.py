"""Which task acts as whom. A new task is written down here, so that somebody thinks about whose it is."""

import inspect
import re
from typing import Any

import pytest

from scripts import ns
from scripts.command import Run
from scripts.roles import Role

ROLES: dict[str, Role | None] = {
    **dict.fromkeys(["deploy-green", "switchover", "rollback", "settle", "abort"], Role.DEPLOYER),
    **dict.fromkeys(["plan", "smoke", "status", "history", "lock.release"], Role.OPERATOR),
    **dict.fromkeys(["secrets.set", "secrets.status", "secrets.rotate", "secrets.roll"], Role.OPERATOR),
    **dict.fromkeys(["keys.create", "keys.list", "keys.revoke"], Role.OPERATOR),
    **dict.fromkeys(["breaker.status", "breaker.reset"], Role.OPERATOR),
    **dict.fromkeys([f"fallback.{verb}" for verb in ("status", "force", "off", "auto")], Role.OPERATOR),
    **dict.fromkeys(["capacity.status", "capacity.image"], Role.OPERATOR),
    **dict.fromkeys(["capacity.reserve", "stack.bootstrap", "environment.destroy"], Role.OWNER),
    # Nobody's: they work on this machine, without AWS.
    **dict.fromkeys(["stack.cost", "gateway.run"]),
    **dict.fromkeys([f"rehearsal.{verb}" for verb in ("run", "up", "down", "fault", "heal", "faults")]),
}
REACHES = re.compile(r"\b(?:connect|account|clients)\(run\.environment[^()]*\)")


def tasks() -> dict[str, Any]:
    return {name: ns[name] for name in ns.task_names}


def test_every_task_says_as_whom_it_acts() -> None:
    assert {name: task.role for name, task in tasks().items()} == ROLES


@pytest.mark.parametrize("module", sorted({inspect.getmodule(task.body).__name__ for task in tasks().values()}))  # type: ignore[union-attr]
def test_a_task_reaches_aws_as_the_one_it_says(module: str) -> None:
    source = inspect.getsource(__import__(module, fromlist=["x"]))
    assert [call for call in REACHES.findall(source) if "role=run.role" not in call] == []


def test_a_task_without_a_role_cannot_reach_aws() -> None:
    run = Run("stack.cost", "staging", False, False, False, False)
    with pytest.raises(TypeError, match="not as whom"):
        _ = run.role
