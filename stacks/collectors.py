"""The collectors' configurations: the YAML of `monitoring/collector/`, put together for one kind of task. Pure.

What differs between tasks and environments travels in variables, which the configuration names as `${env:…}`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

CONFIGURATIONS = Path(__file__).resolve().parent.parent / "monitoring" / "collector"
# The distribution reads its whole configuration from this variable (aws-otel-collector, "AOT_CONFIG_CONTENT").
CONFIGURATION_VARIABLE = "AOT_CONFIG_CONTENT"
# What `queue.yaml` publishes and autoscaling reads.
QUEUE_METRIC, FAMILY_DIMENSION = "RequestsWaiting", "TaskDefinitionFamily"


def configuration(*pieces: str) -> str:
    """The named files as one document. JSON, which is YAML too and needs no quoting by hand."""
    merged: dict[str, Any] = {}
    for piece in pieces:
        merged = _merged(merged, yaml.safe_load((CONFIGURATIONS / f"{piece}.yaml").read_text()))
    return json.dumps(merged, separators=(",", ":"))


def workspace_variables(*, environment: str, region: str, job: str, port: int, remote_write_url: str) -> dict[str, str]:
    """What `workspace.yaml` needs: whom to scrape, and where to send it."""
    return {
        "SWITCHYARD_ENVIRONMENT": environment,
        "SWITCHYARD_REGION": region,
        "SWITCHYARD_SCRAPE_JOB": job,
        "SWITCHYARD_SCRAPE_TARGET": f"127.0.0.1:{port}",
        "SWITCHYARD_REMOTE_WRITE_URL": remote_write_url,
    }


def queue_variables(*, namespace: str, log_group: str) -> dict[str, str]:
    """What `queue.yaml` needs besides."""
    return {"SWITCHYARD_METRIC_NAMESPACE": namespace, "SWITCHYARD_METRIC_LOG_GROUP": log_group}


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both, level by level; where both say something that is no mapping, the second wins."""
    merged = dict(one)
    for key, value in other.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged
