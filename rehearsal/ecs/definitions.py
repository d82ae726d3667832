"""From moto's services and task definitions to what the scheduler wants. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.ecs.model import HealthCheck, Revision, Wanted

# ECS's defaults (RegisterTaskDefinition and CreateService API references).
_STOP_TIMEOUT_SECONDS = 30.0
_CHECK = {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0}


def revision(arn: str, containers: Sequence[Mapping[str, Any]], task_role: str = "") -> Revision:
    """The main container of a task definition: the first essential one. Sidecars are not run."""
    main = next(c for c in containers if c.get("essential", True))
    return Revision(
        arn=arn,
        container=main["name"],
        image=main["image"],
        command=tuple(main.get("command") or ()),
        environment={entry["name"]: entry["value"] for entry in main.get("environment") or []},
        secrets={entry["name"]: entry["valueFrom"] for entry in main.get("secrets") or []},
        port=int((main.get("portMappings") or [{"containerPort": 0}])[0]["containerPort"]),
        needs_gpu=any(r.get("type") == "GPU" for r in main.get("resourceRequirements") or []),
        stop_timeout_seconds=float(main.get("stopTimeout") or _STOP_TIMEOUT_SECONDS),
        health_check=_health_check(main.get("healthCheck")),
        task_role=task_role,
    )


def wanted(service: Any, created_with: Mapping[str, Any], current: Revision) -> Wanted:
    """One service: counts and revision as moto has them, the fields that moto drops from the CreateService call."""
    configuration = created_with.get("deploymentConfiguration") or {}
    return Wanted(
        name=service.name,
        revision=current,
        desired=int(service.desired_count),
        minimum_percent=int(configuration.get("minimumHealthyPercent", 100)),
        maximum_percent=int(configuration.get("maximumPercent", 200)),
        grace_seconds=float(created_with.get("healthCheckGracePeriodSeconds") or 0),
        target_groups=tuple(entry["targetGroupArn"] for entry in service.load_balancers),
    )


def _health_check(declared: Mapping[str, Any] | None) -> HealthCheck | None:
    if not declared:
        return None
    numbers = {name: float(declared.get(name) or default) for name, default in _CHECK.items()}
    kind, *command = declared["command"]
    argv = ("sh", "-c", *command) if kind == "CMD-SHELL" else tuple(command)
    return HealthCheck(argv, numbers["interval"], numbers["timeout"], int(numbers["retries"]), numbers["startPeriod"])
