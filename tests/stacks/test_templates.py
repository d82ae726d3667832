"""The templates hold what the task contract promises and what a security review asks for."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.hosts import HOST_FOLDERS
from stacks.offline.settings import SafeLoader
from tests.stacks.declared import Program

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRACT: dict[str, Any] = yaml.load((ROOT / "tests/contracts/task_environment.yaml").read_text(), Loader=SafeLoader)
PARTS = {"gateway": "api-template", "vllm": "inference-template"}
TASKS = (*PARTS.values(), "gpu-metrics-task")


def containers(program: Program, template: str) -> dict[str, dict[str, Any]]:
    found = json.loads(program.one(template).inputs["containerDefinitions"])
    return {container["name"]: container for container in found}


def every_container(program: Program) -> list[dict[str, Any]]:
    return [container for task in TASKS for container in containers(program, task).values()]


def names(pairs: list[dict[str, str]]) -> set[str]:
    return {pair["name"] for pair in pairs}


@pytest.mark.parametrize("container", PARTS)
def test_a_template_carries_the_contracts_variables_and_none_of_the_engines(program: Program, container: str) -> None:
    found = containers(program, PARTS[container])[container]
    assert names(found["environment"]) == set(CONTRACT["template"][container])
    assert names(found["secrets"]) == set(CONTRACT["secrets"][container])
    assert {mapping["containerPort"] for mapping in found["portMappings"]} == set(CONTRACT["ports"][container].values())


@pytest.mark.parametrize("container", PARTS)
def test_our_image_is_a_placeholder_that_no_engine_would_run(program: Program, container: str) -> None:
    image = containers(program, PARTS[container])[container]["image"]
    assert image.endswith(":template-placeholder")
    assert "@" not in image


def test_commands_and_checks_are_relative_to_the_images_folder(program: Program) -> None:
    gateway, vllm = (containers(program, template)[name] for name, template in PARTS.items())
    assert (gateway["command"], vllm["command"]) == (["python", "-m", "gateway"], ["python3", "launch.py"])
    assert gateway["healthCheck"]["command"] == ["CMD", "python", "-m", "gateway.check"]
    assert vllm["healthCheck"]["command"] == ["CMD", "python3", "probe.py"]
    assert vllm["healthCheck"]["startPeriod"] <= 300


def test_no_container_runs_as_root_writes_its_root_or_keeps_a_capability(program: Program) -> None:
    for container in every_container(program):
        assert container["user"].split(":")[0] not in ("", "0", "root")
        assert container["readonlyRootFilesystem"] is True
        assert container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
        assert "privileged" not in container


def test_every_container_logs_without_blocking_into_a_group_that_is_there(program: Program) -> None:
    groups = {found.inputs["name"] for found in program.of("LogGroup")}
    for container in every_container(program):
        assert container["logConfiguration"]["options"]["mode"] == "non-blocking"
        assert container["logConfiguration"]["options"]["awslogs-group"] in groups


def test_a_task_outlives_its_collector(program: Program) -> None:
    for task in TASKS:
        found = containers(program, task)
        assert {name: container["essential"] for name, container in found.items()}["collector"] is False
        assert sum(container["essential"] for container in found.values()) == 1


def test_vllm_takes_a_whole_gpu_and_writes_to_named_volumes_only(program: Program) -> None:
    vllm = containers(program, "inference-template")["vllm"]
    assert vllm["resourceRequirements"] == [{"type": "GPU", "value": "1"}]
    assert vllm["linuxParameters"]["sharedMemorySize"] == 2048
    assert {"name": "memlock", "softLimit": -1, "hardLimit": -1} in vllm["ulimits"]
    volumes = {volume["name"] for volume in program.one("inference-template").inputs["volumes"]}
    assert {point["sourceVolume"] for point in vllm["mountPoints"]} == volumes
    assert {point["sourceVolume"] for point in vllm["mountPoints"] if point["readOnly"]} == {"models"}


def test_models_and_compile_caches_lie_where_the_host_has_made_their_folders(program: Program) -> None:
    volumes = program.one("inference-template").inputs["volumes"]
    on_host = {volume["name"]: volume["hostPath"] for volume in volumes if "hostPath" in volume}
    assert on_host == HOST_FOLDERS
    assert all("dockerVolumeConfiguration" not in volume for volume in volumes)


def test_vllms_writable_folders_are_those_of_its_image(program: Program) -> None:
    dockerfile = (ROOT / "vllm_image/Dockerfile").read_text()
    vllm = containers(program, "inference-template")["vllm"]
    for point in vllm["mountPoints"]:
        assert point["containerPath"] == "/tmp" or point["containerPath"] in dockerfile
    assert f"USER {vllm['user']}" in dockerfile


def test_the_gateway_runs_as_its_images_own_user_and_writes_nothing(program: Program) -> None:
    gateway = containers(program, "api-template")["gateway"]
    assert f"USER {gateway['user']}" in (ROOT / "app_image/Dockerfile").read_text()
    assert gateway["mountPoints"] == []


def test_a_template_that_changes_leaves_the_old_revision_for_those_who_run_it(program: Program) -> None:
    assert all(found.inputs["skipDestroy"] is True for found in program.of("TaskDefinition"))


def test_the_gateway_runs_on_fargate_and_vllm_on_the_gpu_hosts(program: Program) -> None:
    api, vllm = program.one("api-template").inputs, program.one("inference-template").inputs
    assert (api["requiresCompatibilities"], vllm["requiresCompatibilities"]) == (["FARGATE"], ["EC2"])
    assert api["cpu"] == "1024" and api["memory"] == "2048"
