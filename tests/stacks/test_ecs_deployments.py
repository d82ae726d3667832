"""docs/ecs-deployments.md says what AWS says, and what the program changes in passing starts no rollout."""

import json
import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from tests.stacks.declared import Program

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "ecs-deployments.md").read_text()
_STARTS, _STARTS_NONE = "This parameter triggers a new service deployment.", "This parameter doesn't trigger a new"
# What an operator changes on a running environment without thinking of a release.
ROUTINE = {
    *("desiredCount", "deploymentMinimumHealthyPercent", "deploymentMaximumPercent", "deploymentCircuitBreaker"),
    *("healthCheckGracePeriodSeconds", "enableExecuteCommand", "propagateTags", "tags"),
}


def rows(heading: str) -> list[list[str]]:
    """The table under a heading, without its head."""
    table = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


def documented() -> dict[str, str]:
    """Parameter to AWS's own sentence about deployments, or to nothing."""
    shape = botocore.session.Session().get_service_model("ecs").shape_for("UpdateServiceRequest")
    text = {name: re.sub(r"<[^>]+>", "", member.documentation) for name, member in shape.members.items()}
    return {name: _said(words) for name, words in text.items()}


def _said(words: str) -> str:
    if _STARTS in words:
        return "yes"
    return "no" if _STARTS_NONE in words else ""


STARTS = {row[0]: row[1] for row in rows("UpdateService")}
INPUTS = {row[0]: row[1] for row in rows("What the program declares")}


def test_the_page_says_of_each_parameter_what_aws_says() -> None:
    said = {name: answer if answer in ("yes", "no") else "" for name, answer in STARTS.items()}
    assert said == documented()
    assert set(said.values()) == {"yes", "no", ""}


def test_the_page_names_every_input_that_a_service_is_declared_with_and_no_other(program: Program) -> None:
    declared = {name for service in program.of("Service") for name in service.inputs}
    assert declared == set(INPUTS)


def test_each_input_leads_to_a_parameter_that_exists() -> None:
    assert {parameter for parameter in INPUTS.values() if parameter != "none"} <= set(STARTS)


@pytest.mark.parametrize("name", sorted(ROUTINE))
def test_what_is_changed_in_passing_starts_no_deployment(name: str) -> None:
    assert STARTS.get(INPUTS[name], "no") == "no"


def test_the_page_warns_of_exactly_the_inputs_that_replace_tasks() -> None:
    warned = {row[0] for row in rows("What the program declares") if "**ECS replaces its tasks**" in row[2]}
    owned_by_engine = {"taskDefinition"}
    assert warned | owned_by_engine == {name for name, parameter in INPUTS.items() if STARTS.get(parameter) == "yes"}


def test_a_colours_task_definition_is_not_pulumis_to_change(program: Program) -> None:
    coloured = [found for found in program.of("Service") if found.inputs.get("schedulingStrategy") != "DAEMON"]
    assert all("taskDefinition" in found.ignore_changes for found in coloured)


def test_no_service_is_told_to_start_anew_at_every_up(program: Program) -> None:
    for service in program.of("Service"):
        assert {"forceNewDeployment", "triggers"}.isdisjoint(service.inputs)


def test_settings_that_may_change_reach_a_template_and_no_service(recorded: dict[str, Any]) -> None:
    """Staging and production differ in their settings; beside names, their services do not."""

    def inputs(environment: str) -> str:
        program = Program(recorded[environment])
        found = {service.name: service.inputs for service in program.of("Service")}
        return json.dumps(found, sort_keys=True).replace(environment, "ENVIRONMENT")

    assert inputs("staging") == inputs("production")
