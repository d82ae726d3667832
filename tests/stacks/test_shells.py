"""A shell in a task: closed everywhere unless the settings open it, and then logged."""

import json
from typing import Any

import pytest

from tests.stacks.declared import Program

TEMPLATES = {"api-template": "gateway", "inference-template": "vllm"}
VOLUMES = {"shell-state": "/var/lib/amazon", "shell-log": "/var/log/amazon"}


@pytest.fixture
def opened(recorded: dict[str, Any]) -> Program:
    return Program(recorded["shells"])


def mounts(program: Program, template: str) -> dict[str, str]:
    containers = {c["name"]: c for c in json.loads(program.one(template).inputs["containerDefinitions"])}
    return {point["sourceVolume"]: point["containerPath"] for point in containers[TEMPLATES[template]]["mountPoints"]}


def actions(program: Program, role: str) -> set[str]:
    document = json.loads(program.one(f"identity-{role}-policy").inputs["policy"])
    return {action for statement in document["Statement"] for action in statement["Action"]}


def operates(program: Program) -> set[str]:
    document = json.loads(program.one("operator-operate-policy").inputs["policy"])
    return {action for statement in document["Statement"] for action in statement["Action"]}


def test_no_shell_can_be_opened_by_default(program: Program) -> None:
    assert {service.inputs["enableExecuteCommand"] for service in program.of("Service")} == {False}
    assert "configuration" not in program.one("cluster-ecs").inputs
    for role in ("api-task", "vllm-task", "exporter-task"):
        assert not any(action.startswith("ssmmessages:") for action in actions(program, role))
    assert all(not VOLUMES.keys() & mounts(program, template).keys() for template in TEMPLATES)


def test_where_it_is_opened_the_colours_services_allow_it_and_the_daemon_does_not(opened: Program) -> None:
    allowed = {found.name: found.inputs["enableExecuteCommand"] for found in opened.of("Service")}
    assert allowed.pop("gpu-metrics-daemon") is False
    assert set(allowed.values()) == {True}


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_agent_can_write_although_the_root_is_read_only(opened: Program, template: str) -> None:
    found = mounts(opened, template)
    assert {name: found.get(name) for name in VOLUMES} == VOLUMES
    assert VOLUMES.keys() <= {volume["name"] for volume in opened.one(template).inputs["volumes"]}


@pytest.mark.parametrize("role", ["api-task", "vllm-task"])
def test_a_task_may_then_reach_session_manager_and_write_the_log(opened: Program, role: str) -> None:
    assert {"ssmmessages:OpenDataChannel", "logs:DescribeLogGroups", "logs:PutLogEvents"} <= actions(opened, role)


def test_people_on_call_may_open_one_only_where_the_settings_do(opened: Program, program: Program) -> None:
    assert "ecs:ExecuteCommand" in operates(opened)
    assert "ecs:ExecuteCommand" not in operates(program)


def test_what_is_typed_is_kept_in_a_log_of_its_own(opened: Program) -> None:
    session = opened.one("cluster-ecs").inputs["configuration"]["executeCommandConfiguration"]
    log = opened.one("cluster-shell-log").inputs
    assert session["logging"] == "OVERRIDE"
    assert session["logConfiguration"]["cloudWatchLogGroupName"] == log["name"] == "/switchyard/staging/shell"
    assert log["retentionInDays"] == 14


def test_opening_shells_changes_nothing_else(recorded: dict[str, Any], opened: Program) -> None:
    names = {found.name for found in opened.all} ^ {found.name for found in Program(recorded["staging"]).all}
    assert names == {"cluster-shell-log"}
