"""The collectors' configurations: whole in themselves, and about metrics that exist."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from gateway.metrics import Metrics

from stacks.collectors import CONFIGURATION_VARIABLE, CONFIGURATIONS, configuration
from stacks.containers import COLLECTOR_MEMORY_MIB, EXPORTER_PORT, GATEWAY_METRICS_PORT, VLLM_PORT
from tests.gateway.stage import settings
from tests.stacks.declared import Program

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = {
    "api-template": ("gateway", GATEWAY_METRICS_PORT),
    "inference-template": ("vllm", VLLM_PORT),
    "gpu-metrics-task": ("exporter", EXPORTER_PORT),
}
WHOLE = {"workspace": ("workspace",), "workspace and queue": ("workspace", "queue")}
# vLLM 0.32 and 0.33 expose it under this name (vllm/v1/metrics/loggers.py).
QUEUE = "vllm:num_requests_waiting"
# What the AWS Distro for OpenTelemetry has of what is used here (aws-otel-collector, README, "Built-in Components").
COMPONENTS = {
    "extensions": {"health_check", "sigv4auth"},
    "receivers": {"prometheus"},
    "processors": {"memory_limiter", "resourcedetection", "resource", "batch", "filter", "metricstransform"},
    "exporters": {"prometheusremotewrite", "awsemf"},
}


def collector(program: Program, template: str) -> dict[str, Any]:
    (found,) = [c for c in json.loads(program.one(template).inputs["containerDefinitions"]) if c["name"] == "collector"]
    return dict(found)


def variables(container: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container["environment"]}


@pytest.mark.parametrize("pieces", WHOLE.values(), ids=WHOLE)
def test_pipelines_use_what_is_declared_and_everything_declared_is_used(pieces: tuple[str, ...]) -> None:
    found = json.loads(configuration(*pieces))
    used: dict[str, set[str]] = {"extensions": set(found["service"]["extensions"])}
    for pipeline in found["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            used.setdefault(kind, set()).update(pipeline[kind])
    assert {kind: set(found[kind]) for kind in used} == used
    assert found["exporters"]["prometheusremotewrite"]["auth"]["authenticator"] in found["extensions"]


@pytest.mark.parametrize("pieces", WHOLE.values(), ids=WHOLE)
def test_only_components_of_the_distribution_are_used(pieces: tuple[str, ...]) -> None:
    found = json.loads(configuration(*pieces))
    for kind, known in COMPONENTS.items():
        assert {name.partition("/")[0] for name in found[kind]} <= known


@pytest.mark.parametrize("pieces", WHOLE.values(), ids=WHOLE)
def test_memory_is_limited_first_in_every_pipeline_and_below_the_containers(pieces: tuple[str, ...]) -> None:
    found = json.loads(configuration(*pieces))
    assert {pipeline["processors"][0] for pipeline in found["service"]["pipelines"].values()} == {"memory_limiter"}
    assert found["processors"]["memory_limiter"]["limit_mib"] <= 0.75 * COLLECTOR_MEMORY_MIB


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_collector_is_told_everything_that_its_configuration_asks_for_and_nothing_else(
    program: Program, template: str
) -> None:
    told = variables(collector(program, template))
    asked = set(re.findall(r"\$\{env:(\w+)\}", told.pop(CONFIGURATION_VARIABLE)))
    assert asked == set(told)
    assert all(told.values())


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_collector_scrapes_the_port_where_its_task_exposes_metrics(program: Program, template: str) -> None:
    job, port = TEMPLATES[template]
    told = variables(collector(program, template))
    assert (told["SWITCHYARD_SCRAPE_JOB"], told["SWITCHYARD_SCRAPE_TARGET"]) == (job, f"127.0.0.1:{port}")


@pytest.mark.parametrize("template", TEMPLATES)
def test_metrics_go_to_the_workspace_of_this_environment(production: Program, template: str) -> None:
    told = variables(collector(production, template))
    assert told["SWITCHYARD_REMOTE_WRITE_URL"].endswith("api/v1/remote_write")
    assert told["SWITCHYARD_ENVIRONMENT"] == "production"
    assert production.one("telemetry-workspace").inputs["alias"] == "switchyard-production"


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_collector_checks_its_own_health_where_the_extension_answers(program: Program, template: str) -> None:
    container = collector(program, template)
    assert container["healthCheck"]["command"] == ["CMD", "/healthcheck"]
    health = json.loads(variables(container)[CONFIGURATION_VARIABLE])["extensions"]["health_check"]
    assert health["endpoint"] == "127.0.0.1:13133"


def test_vllms_collector_carries_the_contracts_variables_and_the_others_all_but_the_queues(program: Program) -> None:
    contract = yaml.safe_load((ROOT / "tests/contracts/task_environment.yaml").read_text())["template"]["collector"]
    assert set(variables(collector(program, "inference-template"))) == set(contract)
    for template in ("api-template", "gpu-metrics-task"):
        assert set(variables(collector(program, template))) == set(contract[:-2])


def test_only_vllms_queue_goes_to_cloudwatch_and_costs_one_metric_a_colour(program: Program) -> None:
    publishing = [t for t in TEMPLATES if "SWITCHYARD_METRIC_NAMESPACE" in variables(collector(program, t))]
    assert publishing == ["inference-template"]
    found = yaml.safe_load((CONFIGURATIONS / "queue.yaml").read_text())
    assert found["processors"]["filter/queue"]["metrics"]["include"]["metric_names"] == [QUEUE]
    assert [t["include"] for t in found["processors"]["metricstransform/queue"]["transforms"]] == [QUEUE]
    assert found["exporters"]["awsemf/queue"]["dimension_rollup_option"] == "NoDimensionRollup"
    (declared,) = found["exporters"]["awsemf/queue"]["metric_declarations"]
    assert declared["dimensions"] == [["TaskDefinitionFamily"]]


def test_the_queues_lines_have_a_group_and_are_not_kept(program: Program) -> None:
    told = variables(collector(program, "inference-template"))
    lines = program.one("telemetry-lines").inputs
    assert lines["name"] == told["SWITCHYARD_METRIC_LOG_GROUP"]
    assert lines["retentionInDays"] == 1


def test_tasks_do_not_write_to_one_anothers_series() -> None:
    attributes = yaml.safe_load((CONFIGURATIONS / "workspace.yaml").read_text())["processors"]["resource"]["attributes"]
    kept = {found["key"]: found["from_attribute"] for found in attributes if found["action"] == "insert"}
    assert kept == {"TaskDefinitionFamily": "aws.ecs.task.family", "TaskArn": "aws.ecs.task.arn"}


def test_no_metric_of_the_kit_is_dropped_on_the_way() -> None:
    (scrape,) = yaml.safe_load((CONFIGURATIONS / "workspace.yaml").read_text())["receivers"]["prometheus"]["config"][
        "scrape_configs"
    ]
    (drop,) = scrape["metric_relabel_configs"]
    gateway = Metrics(settings("http://vllm", None)).exposition().decode()
    own = re.findall(r"^# TYPE (switchyard_\w+) ", gateway, re.M)
    names = [*own, QUEUE, "vllm:kv_cache_usage_perc", "DCGM_FI_DEV_GPU_UTIL"]
    assert len(own) > 6
    assert [name for name in names if re.fullmatch(drop["regex"], name)] == []


def test_a_dollar_that_is_no_variable_would_be_taken_for_one() -> None:
    for file in CONFIGURATIONS.glob("*.yaml"):
        code = "\n".join(line.partition(" #")[0] for line in file.read_text().splitlines() if line.lstrip()[:1] != "#")
        assert "$" not in re.sub(r"\$\{env:\w+\}", "", code)
