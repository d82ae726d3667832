"""The thin readers and the one writer, against moto for what moto answers truly."""

import json
from typing import Any

import pytest

from scripts.aws import account, buckets, calls, capacity, definitions, images, rules, services
from scripts.aws.model import Call
from scripts.errors import AwsFailed
from scripts.release.steps import Bound, Scale
from stacks.naming import Colour, Names, Part
from tests.scripts.examples import digest, manifest, template
from tests.scripts.moto_environment import clients, make_rule

_INDEX = "application/vnd.oci.image.index.v1+json"


def fitting(part: Part) -> dict[str, Any]:
    """A template that moto takes: it wants memory on each container, and a network for awsvpc."""
    body = template(part, Names("staging"))
    for container in body["containerDefinitions"]:
        container["memory"] = 256
    return {**body, "networkMode": "bridge"}


def test_weights_are_read_written_and_read_back() -> None:
    with clients() as found:
        arn, groups = make_rule(found)
        before = rules.rule(found, arn)
        assert rules.group_weights(before.actions) == {groups[0]: 1, groups[1]: 0}
        actions = rules.reweighted(before.actions, {groups[0]: 0, groups[1]: 100})
        calls.execute(found, Call("elbv2", "ModifyRule", {"RuleArn": arn, "Actions": actions}))
        assert rules.group_weights(rules.rule(found, arn).actions) == {groups[0]: 0, groups[1]: 100}


def test_a_preview_rule_tells_its_headers() -> None:
    with clients() as found:
        arn, _ = make_rule(found)
        assert rules.required_headers(rules.rule(found, arn)) == {"x-switchyard-preview": "token"}


def test_a_rule_that_is_gone_says_which() -> None:
    with clients() as found:
        arn, _ = make_rule(found)
        found.read("elbv2").delete_rule(RuleArn=arn)
        with pytest.raises(AwsFailed, match=r"elbv2 DescribeRules|does not exist"):
            rules.rule(found, arn)


def test_a_definition_survives_the_round_trip_with_fields_we_do_not_know() -> None:
    with clients() as found:
        body = {**fitting(Part.VLLM), "tags": [{"key": "switchyard:release", "value": "r-1"}]}
        answer = calls.execute(found, Call("ecs", "RegisterTaskDefinition", body))
        first = definitions.definition(found, answer["taskDefinition"]["taskDefinitionArn"])
        again = calls.execute(found, Call("ecs", "RegisterTaskDefinition", first.body))
        second = definitions.definition(found, answer["taskDefinition"]["family"])
        assert second.arn == again["taskDefinition"]["taskDefinitionArn"] != first.arn
        assert first.tags == {"switchyard:release": "r-1"}
        assert second.body["containerDefinitions"][0]["linuxParameters"] == {"initProcessEnabled": True}


def test_a_service_is_scaled_by_the_call_of_the_step() -> None:
    kit = manifest()
    with clients() as found:
        ecs = found.read("ecs")
        ecs.create_cluster(clusterName=kit.cluster)
        ecs.register_task_definition(**fitting(Part.API))
        slot = kit.slot(Part.API, Colour.BLUE)
        ecs.create_service(
            cluster=kit.cluster, serviceName=slot.service, taskDefinition=slot.template_family, desiredCount=0
        )
        for call in Scale(Part.API, Colour.BLUE, 3).calls(kit):
            calls.execute(found, call)
        assert services.services(found, kit.cluster, [slot.service])[slot.service].desired == 3
        with pytest.raises(AwsFailed, match="does not exist"):
            services.services(found, kit.cluster, ["staging-api-green"])


def test_bounds_and_suspended_scale_in_reach_autoscaling() -> None:
    kit = manifest()
    with clients() as found:
        ecs = found.read("ecs")
        ecs.create_cluster(clusterName=kit.cluster)
        ecs.register_task_definition(**fitting(Part.API))
        slot = kit.slot(Part.API, Colour.BLUE)
        ecs.create_service(cluster=kit.cluster, serviceName=slot.service, taskDefinition=slot.template_family)
        for call in Bound(Part.API, Colour.BLUE, 2, 4, scale_in=False).calls(kit):
            calls.execute(found, call)
        (target,) = found.read("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")[
            "ScalableTargets"
        ]
        assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 4)
        assert target["SuspendedState"]["DynamicScalingInSuspended"] is True


@pytest.mark.parametrize(
    ("manifest_text", "platforms"),
    [
        (
            {
                "schemaVersion": 2,
                "mediaType": _INDEX,
                "manifests": [
                    {"digest": digest("inner"), "platform": {"os": "linux", "architecture": "arm64"}},
                ],
            },
            ("linux/arm64",),
        ),
        ({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}, None),
    ],
)
def test_an_image_is_found_with_the_platforms_that_its_index_states(
    manifest_text: dict[str, object], platforms: tuple[str, ...] | None
) -> None:
    with clients() as found:
        ecr = found.read("ecr")
        url = ecr.create_repository(repositoryName="switchyard-staging-api")["repository"]["repositoryUri"]
        pushed = ecr.put_image(
            repositoryName="switchyard-staging-api",
            imageManifest=json.dumps(manifest_text),
            imageManifestMediaType=str(manifest_text["mediaType"]),
            imageTag="release-1",
            imageDigest=digest("api-1"),
        )
        there = images.image(found, url, pushed["image"]["imageId"]["imageDigest"])
        assert there is not None
        assert there.platforms == platforms
        assert images.image(found, url, digest("nowhere")) is None
        assert images.image(found, "host/no-such-repository", digest("api-1")) is None


def test_an_object_is_there_only_under_its_whole_key() -> None:
    with clients() as found:
        s3 = found.read("s3")
        s3.create_bucket(Bucket="models")
        for key in ("models/m@10/.complete", "models/m@2/.complete.old"):
            s3.put_object(Bucket="models", Key=key)
        assert buckets.has_object(found, "models", "models/m@10/.complete")
        assert not buckets.has_object(found, "models", "models/m@1/.complete")
        assert not buckets.has_object(found, "models", "models/m@2/.complete")
        with pytest.raises(AwsFailed, match="s3 ListObjectsV2"):
            buckets.has_object(found, "nowhere", "models/m@1/.complete")


def test_secrets_are_looked_at_without_their_value_but_for_the_smoke_key() -> None:
    with clients() as found:
        manager = found.read("secretsmanager")
        full = manager.create_secret(Name="full", SecretString="key")["ARN"]
        named = manager.create_secret(Name="named", SecretString='{"smoke": "key-2"}')["ARN"]
        empty = manager.create_secret(Name="empty")["ARN"]
        assert (account.has_value(found, full), account.has_value(found, empty)) == (True, False)
        assert (account.smoke_key(found, full), account.smoke_key(found, named)) == ("key", "key-2")


def test_only_ringing_alarms_that_say_so_block_a_release() -> None:
    with clients() as found:
        cloudwatch = found.read("cloudwatch")
        alarms = {"a": ("page; blocks-release", "ALARM"), "b": ("x", "ALARM"), "c": ("page; blocks-release", "OK")}
        for letter, (description, state) in alarms.items():
            name = f"switchyard-staging-{letter}"
            cloudwatch.put_metric_alarm(
                AlarmName=name,
                AlarmDescription=description,
                Namespace="n",
                MetricName="m",
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
            )
            cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="it is high")
        found_alarms = {alarm.name: alarm.blocks_release for alarm in account.ringing(found, "switchyard-staging")}
        assert found_alarms == {"switchyard-staging-a": True, "switchyard-staging-b": False}


def test_the_caller_is_named_without_the_account() -> None:
    with clients() as found:
        assert "/" in account.identity(found)
        assert "arn:" not in account.identity(found)


def test_no_host_is_an_answer_and_no_group_is_an_error() -> None:
    with clients() as found:
        found.read("ecs").create_cluster(clusterName="c")
        assert capacity.hosts(found, "c") == ()
        with pytest.raises(AwsFailed, match="run `pulumi up`"):
            capacity.group(found, "none")
