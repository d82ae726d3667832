"""Controls of images, task definitions, services and the cluster."""

import json
from collections.abc import Callable
from typing import Any

from tests.stacks.controls.control import Mutation, change, control, every, inside
from tests.stacks.declared import Program


def containers(program: Program) -> list[dict[str, Any]]:
    definitions = every(program, "TaskDefinition")
    return [container for found in definitions for container in json.loads(found.inputs["containerDefinitions"])]


def _each_template(edit: Callable[[list[dict[str, Any]]], None]) -> Mutation:
    def mutate(program: Program) -> None:
        template = program.of("TaskDefinition")[0]
        found = json.loads(template.inputs["containerDefinitions"])
        edit(found)
        template.inputs["containerDefinitions"] = json.dumps(found)

    return mutate


def _last(**values: Any) -> Mutation:
    """The last container of a template is a sidecar: the one that is easily forgotten."""
    return _each_template(lambda found: found[-1].update(values))


@control("ECR.1", broken=inside("Repository", "imageScanningConfiguration", scanOnPush=False))
def test_ecr_1_images_are_scanned_on_push(program: Program) -> None:
    assert all(
        found.inputs["imageScanningConfiguration"]["scanOnPush"] is True for found in every(program, "Repository")
    )


@control("ECR.2", broken=change("Repository", imageTagMutability="MUTABLE"))
def test_ecr_2_tags_are_immutable(program: Program) -> None:
    assert {found.inputs["imageTagMutability"] for found in every(program, "Repository")} == {"IMMUTABLE"}


@control("ECR.3", broken=change("LifecyclePolicy", repository="another"))
def test_ecr_3_every_repository_has_a_lifecycle(program: Program) -> None:
    cleared = {found.inputs["repository"] for found in program.of("LifecyclePolicy")}
    assert cleared == {found.inputs["name"] for found in every(program, "Repository")}


@control("ECS.2", broken=inside("Service", "networkConfiguration", assignPublicIp=True))
def test_ecs_2_services_give_no_public_address(program: Program) -> None:
    for service in every(program, "Service"):
        assert service.inputs["networkConfiguration"]["assignPublicIp"] is False


@control("ECS.3", broken=change("TaskDefinition", pidMode="host"))
def test_ecs_3_tasks_do_not_share_the_hosts_processes(program: Program) -> None:
    assert all(found.inputs.get("pidMode") != "host" for found in every(program, "TaskDefinition"))


@control("ECS.4", broken=_last(privileged=True))
def test_ecs_4_containers_are_not_privileged_and_keep_no_capability(program: Program) -> None:
    for container in containers(program):
        assert container.get("privileged", False) is False
        assert container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}, container["name"]


@control("ECS.5", broken=_last(readonlyRootFilesystem=False))
def test_ecs_5_root_file_systems_are_read_only(program: Program) -> None:
    assert all(container["readonlyRootFilesystem"] is True for container in containers(program))


@control("ECS.8", broken=_last(environment=[{"name": "OPENAI_API_KEY", "value": "sk-1"}]))
def test_ecs_8_secrets_come_by_reference(program: Program) -> None:
    for container in containers(program):
        for pair in container.get("environment", []):
            assert not pair["name"].endswith(("_KEY", "_KEYS", "_TOKEN", "_SECRET", "_PASSWORD")), pair["name"]
        assert all(found["valueFrom"].startswith("arn:") for found in container.get("secrets", []))


@control("ECS.9", broken=_last(logConfiguration=None))
def test_ecs_9_every_container_logs(program: Program) -> None:
    for container in containers(program):
        assert (container.get("logConfiguration") or {}).get("logDriver") == "awslogs", container["name"]


@control("ECS.10", broken=lambda program: program.one("api-blue").inputs.update(platformVersion="1.3.0"))
def test_ecs_10_fargate_runs_its_latest_version(program: Program) -> None:
    fargate = [found for found in every(program, "Service") if found.inputs.get("launchType") == "FARGATE"]
    assert fargate and {found.inputs["platformVersion"] for found in fargate} == {"LATEST"}


@control("ECS.12", broken=change("Cluster", settings=[]))
def test_ecs_12_container_insights_is_on(program: Program) -> None:
    for cluster in every(program, "Cluster"):
        insights = {found["name"]: found["value"] for found in cluster.inputs["settings"]}
        assert insights.get("containerInsights") in ("enabled", "enhanced")


@control("ECS.17", broken=change("TaskDefinition", networkMode="host"))
def test_ecs_17_tasks_do_not_use_the_hosts_network(program: Program) -> None:
    assert {found.inputs["networkMode"] for found in every(program, "TaskDefinition")} == {"awsvpc"}


@control("ECS.20", broken=_last(user="0"))
def test_ecs_20_containers_run_as_a_user_that_is_not_root(program: Program) -> None:
    for container in containers(program):
        assert container["user"].split(":")[0] not in ("", "0", "root"), container["name"]


@control("CloudWatch.16", broken=change("LogGroup", retentionInDays=0))
def test_cloudwatch_16_log_groups_are_kept_for_a_stated_time(program: Program) -> None:
    assert all(found.inputs["retentionInDays"] > 0 for found in every(program, "LogGroup"))


def _unread(program: Program) -> None:
    template = program.one("api-template")
    found = json.loads(template.inputs["containerDefinitions"])
    found[0]["secrets"] = []
    template.inputs["containerDefinitions"] = json.dumps(found)


@control("SecretsManager.3", broken=_unread)
def test_secretsmanager_3_every_secret_is_read_by_a_task(program: Program) -> None:
    read = {found["valueFrom"] for container in containers(program) for found in container.get("secrets", [])}
    made = every(program, "Secret")
    assert all(any(arn.endswith(secret.name) for arn in read) for secret in made)
