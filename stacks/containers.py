"""Container definitions of the templates, as plain data. Pure.

The release engine copies a template, replaces the image of our own container and adds the variables of
`tests/contracts/task_environment.yaml` under `engine`; it changes nothing else that stands here. Commands are
relative to the image's working directory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GATEWAY, VLLM, COLLECTOR, EXPORTER = "gateway", "vllm", "collector", "exporter"
GATEWAY_PORT, GATEWAY_METRICS_PORT = 8080, 9090
VLLM_PORT, VLLM_READY_PORT = 8000, 8001
# The exporter's own default.
EXPORTER_PORT = 9400
COLLECTOR_MEMORY_MIB, EXPORTER_MEMORY_MIB = 256, 256
PLACEHOLDER_TAG = "template-placeholder"
# Each image's own user, but the collector's, which has none. Numeric, because a security review reads the task
# definition and not the image. NVIDIA's exporter has this user beside root, for all but profiling metrics.
GATEWAY_USER, VLLM_USER, COLLECTOR_USER, EXPORTER_USER = "10001:10001", "2000:0", "10001:10001", "1000:1000"
# Where the agent of `aws ecs execute-command` writes in a container whose root is read-only.
SHELL_VOLUMES = {"shell-state": "/var/lib/amazon", "shell-log": "/var/log/amazon"}
_OPEN_FILES = {"name": "nofile", "softLimit": 65536, "hardLimit": 65536}
# The distribution's image has neither shell nor curl; this program in it asks the health_check extension.
_COLLECTOR_CHECK = ("CMD", "/healthcheck")
_COLLECTOR_START_SECONDS = 30


@dataclass(frozen=True)
class Logs:
    """Where the lines of a container go."""

    group: str
    region: str


@dataclass(frozen=True)
class Check:
    """A container's own health check."""

    command: tuple[str, ...]
    interval_seconds: int
    start_seconds: int


@dataclass(frozen=True)
class Container:
    """What the containers of the kit differ in."""

    name: str
    image: str
    user: str
    command: tuple[str, ...]
    ports: tuple[int, ...]
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    check: Check
    stop_timeout_seconds: int
    logs: Logs
    volumes: Mapping[str, str] = field(default_factory=dict)
    read_only_volumes: frozenset[str] = frozenset()


def gateway(container: Container) -> dict[str, Any]:
    """The API container."""
    return {**_ours(container), "ulimits": [_OPEN_FILES]}


def vllm(container: Container, cpu_units: int, memory_mib: int, shared_memory_mib: int) -> dict[str, Any]:
    """The inference container: one whole GPU, shared memory for PyTorch, pinned host memory without a limit."""
    definition = _ours(container)
    unlimited = {"name": "memlock", "softLimit": -1, "hardLimit": -1}
    stack = {"name": "stack", "softLimit": 67108864, "hardLimit": 67108864}
    return {
        **definition,
        "cpu": cpu_units,
        "memory": memory_mib,
        "resourceRequirements": [{"type": "GPU", "value": "1"}],
        "linuxParameters": {**definition["linuxParameters"], "sharedMemorySize": shared_memory_mib},
        "ulimits": [_OPEN_FILES, unlimited, stack],
    }


def collector(image: str, environment: Mapping[str, str], logs: Logs) -> dict[str, Any]:
    """The metrics collector beside every task. A task must outlive it, so it is not essential: ECS judges a task by its
    essential containers, and this check only shows."""
    return {
        "name": COLLECTOR,
        "image": image,
        "essential": False,
        "cpu": 0,
        "memory": COLLECTOR_MEMORY_MIB,
        "environment": _pairs(environment),
        "portMappings": [],
        "mountPoints": [],
        "healthCheck": _health_check(Check(_COLLECTOR_CHECK, 30, _COLLECTOR_START_SECONDS)),
        **_hardened(COLLECTOR_USER),
        "logConfiguration": _log_configuration(logs, COLLECTOR),
    }


def exporter(image: str, engine_volume: str, engine_folder: str, logs: Logs) -> dict[str, Any]:
    """What exposes the GPUs' own metrics, asked of the host's DCGM engine through its socket.

    It takes no GPU: `void` keeps the NVIDIA runtime from handing it one. The program is named, because the image's
    own entry point would set capabilities first. Connection strings need DCGM 4.5 or newer in the image (go-dcgm).
    """
    return {
        "name": EXPORTER,
        "image": image,
        "essential": True,
        "cpu": 0,
        "memory": EXPORTER_MEMORY_MIB,
        "entryPoint": ["/usr/bin/dcgm-exporter"],
        "command": ["--remote-hostengine-info", f"unix://{engine_folder}/nv-hostengine", "--collect-interval", "15000"],
        "environment": _pairs({"NVIDIA_VISIBLE_DEVICES": "void"}),
        "portMappings": [],
        "mountPoints": [{"sourceVolume": engine_volume, "containerPath": engine_folder, "readOnly": True}],
        **_hardened(EXPORTER_USER),
        "logConfiguration": _log_configuration(logs, EXPORTER),
    }


def _ours(container: Container) -> dict[str, Any]:
    return {
        "name": container.name,
        "image": container.image,
        "essential": True,
        "command": list(container.command),
        "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"} for port in container.ports],
        "environment": _pairs(container.environment),
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in sorted(container.secrets.items())],
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": path, "readOnly": volume in container.read_only_volumes}
            for volume, path in container.volumes.items()
        ],
        "healthCheck": _health_check(container.check),
        "stopTimeout": container.stop_timeout_seconds,
        **_hardened(container.user),
        "logConfiguration": _log_configuration(container.logs, container.name),
    }


def _hardened(user: str) -> dict[str, Any]:
    """An init process reaps what a container's check leaves behind; signals reach the service unchanged."""
    return {
        "user": user,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
    }


def _health_check(check: Check) -> dict[str, Any]:
    return {
        "command": list(check.command),
        "interval": check.interval_seconds,
        "timeout": max(2, min(10, check.interval_seconds - 1)),
        "retries": 3,
        "startPeriod": check.start_seconds,
    }


def _log_configuration(logs: Logs, prefix: str) -> dict[str, Any]:
    """Non-blocking: when CloudWatch is slow, lines are lost before requests wait."""
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": logs.group,
            "awslogs-region": logs.region,
            "awslogs-stream-prefix": prefix,
            "mode": "non-blocking",
            "max-buffer-size": "25m",
        },
    }


def _pairs(environment: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in sorted(environment.items())]
