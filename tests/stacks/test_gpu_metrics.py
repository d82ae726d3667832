"""The daemon on the GPU hosts: it takes no GPU from vLLM, and is nobody's to release."""

import json
from typing import Any

from stacks.containers import VLLM_USER
from stacks.hosts import GPU_ENGINE_FOLDER
from tests.stacks.declared import Program


def exporter(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(program.one("gpu-metrics-task").inputs["containerDefinitions"])[0]
    assert found["name"] == "exporter"
    return found


def test_one_task_runs_on_each_host_and_brings_none(program: Program) -> None:
    service = program.one("gpu-metrics-daemon").inputs
    assert (service["schedulingStrategy"], service["launchType"]) == ("DAEMON", "EC2")
    assert "desiredCount" not in service and "capacityProviderStrategies" not in service


def test_the_old_task_leaves_before_the_new_one_comes(program: Program) -> None:
    service = program.one("gpu-metrics-daemon").inputs
    assert (service["deploymentMinimumHealthyPercent"], service["deploymentMaximumPercent"]) == (0, 100)


def test_pulumi_owns_the_daemon_whole(program: Program) -> None:
    daemon = program.one("gpu-metrics-daemon")
    assert daemon.ignore_changes == []
    environment = program.one("cluster-ecs").inputs["name"].removeprefix("switchyard-")
    assert daemon.inputs["name"] == program.one("gpu-metrics-task").inputs["family"] == f"{environment}-gpu-metrics"


def test_the_exporter_takes_no_gpu_from_vllm(program: Program) -> None:
    container = exporter(program)
    assert "resourceRequirements" not in container
    assert {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"} in container["environment"]


def test_the_exporter_asks_the_hosts_engine_through_its_socket(program: Program) -> None:
    container, (volume,) = exporter(program), program.one("gpu-metrics-task").inputs["volumes"]
    assert volume["hostPath"] == GPU_ENGINE_FOLDER
    (point,) = container["mountPoints"]
    assert (point["containerPath"], point["sourceVolume"]) == (GPU_ENGINE_FOLDER, volume["name"])
    assert point["readOnly"] is True
    assert f"unix://{GPU_ENGINE_FOLDER}/nv-hostengine" in container["command"]


def test_the_exporter_is_neither_root_nor_vllm(program: Program) -> None:
    assert exporter(program)["user"].split(":")[0] not in ("0", VLLM_USER.split(":")[0])


def test_a_host_has_memory_for_vllm_and_the_daemon_beside_it(program: Program) -> None:
    """ECS registers less than the machine has; about 600 MiB of 16384 are the kernel's."""
    both = ("inference-template", "gpu-metrics-task")
    tasks = [json.loads(program.one(name).inputs["containerDefinitions"]) for name in both]
    wanted = sum(container["memory"] for containers in tasks for container in containers)
    assert wanted <= 16384 - 1024


def test_the_daemon_may_only_send_metrics_and_start(production: Program) -> None:
    def actions(which: str) -> list[str]:
        document = json.loads(production.one(f"identity-{which}-policy").inputs["policy"])
        return sorted(action for statement in document["Statement"] for action in statement["Action"])

    assert actions("exporter-task") == ["aps:RemoteWrite"]
    assert actions("exporter-execution") == ["logs:CreateLogStream", "logs:PutLogEvents"]
