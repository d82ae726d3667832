"""The real program against moto: everything that a release or a request touches exists there afterwards."""

import json
import re
from typing import Any

import pytest

from stacks.hosts import HOST_FOLDERS
from stacks.manifest import from_json
from tests.rehearsal.provision.conftest import INTERNAL_ADDRESS, Ground

pytestmark = pytest.mark.slow
CLUSTER = "switchyard-rehearsal"
SLOTS = ("rehearsal-api-blue", "rehearsal-api-green", "rehearsal-vllm-blue", "rehearsal-vllm-green")


def rules(ground: Ground) -> dict[str, Any]:
    found = ground.client("elbv2").describe_rules(ListenerArn=ground.manifest["door"]["listener_arn"])["Rules"]
    return {rule["Priority"]: rule for rule in found}


def template(ground: Ground, part: str) -> dict[str, Any]:
    family = f"rehearsal-{part}-template"
    found: dict[str, Any] = ground.client("ecs").describe_task_definition(taskDefinition=family, include=["TAGS"])
    return found


def test_every_declared_type_is_realised(ground: Ground) -> None:
    assert ground.result["accepted_only"] == []
    assert sum(ground.result["realised"].values()) > 80


def test_the_manifest_in_the_table_is_the_stacks_output(ground: Ground) -> None:
    key = {"pk": {"S": "manifest"}, "sk": {"S": "current"}}
    item = ground.client("dynamodb").get_item(TableName="switchyard-rehearsal-ledger", Key=key)["Item"]
    assert item["body"]["S"] == ground.result["outputs"]["manifest"]
    assert from_json(item["body"]["S"]).environment == "rehearsal"


def test_traffic_starts_on_blue_with_both_colours_in_the_rule(ground: Ground) -> None:
    rule = rules(ground)["100"]
    assert rule["RuleArn"] == ground.manifest["door"]["traffic_rule_arn"]
    weights = {g["TargetGroupArn"]: g["Weight"] for g in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]}
    api = ground.manifest["api"]
    assert weights == {api["blue"]["target_group_arn"]: 1, api["green"]["target_group_arn"]: 0}


def test_a_preview_rule_carries_a_fresh_token_and_its_colour(ground: Ground) -> None:
    headers = {
        c["HttpHeaderConfig"]["HttpHeaderName"]: c["HttpHeaderConfig"]["Values"]
        for c in rules(ground)["11"]["Conditions"]
    }
    assert headers["x-switchyard-preview-colour"] == ["green"]
    assert len(headers["x-switchyard-preview"][0]) >= 32


def test_target_groups_have_the_rehearsals_health_and_draining(ground: Ground) -> None:
    elb = ground.client("elbv2")
    groups = {group["TargetGroupName"]: group for group in elb.describe_target_groups()["TargetGroups"]}
    assert set(groups) == set(SLOTS)
    vllm = groups["rehearsal-vllm-green"]
    assert (vllm["HealthCheckPort"], vllm["HealthCheckPath"]) == ("8001", "/ready")
    assert (vllm["HealthCheckIntervalSeconds"], vllm["UnhealthyThresholdCount"]) == (1, 2)
    attributes = elb.describe_target_group_attributes(TargetGroupArn=vllm["TargetGroupArn"])["Attributes"]
    values = {attribute["Key"]: attribute["Value"] for attribute in attributes}
    assert values["deregistration_delay.timeout_seconds"] == "8"
    assert values["load_balancing.algorithm.type"] == "least_outstanding_requests"


def test_load_balancers_have_their_attributes(ground: Ground) -> None:
    elb = ground.client("elbv2")
    for balancer in elb.describe_load_balancers()["LoadBalancers"]:
        attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])["Attributes"]
        assert {"Key": "idle_timeout.timeout_seconds", "Value": "12"} in attributes


def test_the_public_door_logs_and_is_behind_the_web_firewall(ground: Ground) -> None:
    elb, waf = ground.client("elbv2"), ground.client("wafv2")
    (public,) = elb.describe_load_balancers(Names=["rehearsal-public"])["LoadBalancers"]
    arn = public["LoadBalancerArn"]
    found = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    attributes = {attribute["Key"]: attribute["Value"] for attribute in found}
    assert attributes["access_logs.s3.enabled"] == attributes["waf.fail_open.enabled"] == "true"
    assert attributes["access_logs.s3.bucket"] == ground.manifest["log_bucket"]
    acl = waf.get_web_acl_for_resource(ResourceArn=arn)["WebACL"]
    assert acl["Name"] == "switchyard-rehearsal"
    logging = waf.get_logging_configuration(ResourceArn=acl["ARN"])["LoggingConfiguration"]
    assert logging["LogDestinationConfigs"][0].endswith(":log-group:aws-waf-logs-switchyard-rehearsal")
    hidden = [field["SingleHeader"]["Name"] for field in logging["RedactedFields"]]
    assert hidden == ["authorization", "x-switchyard-preview", "cookie"]


def test_the_internal_door_is_where_the_rehearsal_says_it_is(ground: Ground) -> None:
    urls = ground.manifest["vllm_urls"]
    assert urls == {"blue": f"http://{INTERNAL_ADDRESS}:8001", "green": f"http://{INTERNAL_ADDRESS}:8002"}


def test_services_exist_on_the_template_with_nothing_running(ground: Ground) -> None:
    services = ground.client("ecs").describe_services(cluster=CLUSTER, services=list(SLOTS))["services"]
    assert {service["serviceName"]: service["desiredCount"] for service in services} == dict.fromkeys(SLOTS, 0)
    assert all("-template:1" in service["taskDefinition"] for service in services)
    assert all(service["loadBalancers"][0]["targetGroupArn"] for service in services)


def test_the_gpu_daemon_is_declared_beside_them_and_nothing_runs_it(ground: Ground) -> None:
    asked = {"cluster": CLUSTER, "services": ["rehearsal-gpu-metrics"]}
    (daemon,) = ground.client("ecs").describe_services(**asked)["services"]
    assert (daemon["schedulingStrategy"], daemon["launchType"]) == ("DAEMON", "EC2")
    exporter, _ = ground.client("ecs").describe_task_definition(taskDefinition=daemon["taskDefinition"])[
        "taskDefinition"
    ]["containerDefinitions"]
    assert exporter["image"] == "exporter:unpinned"


def test_a_colour_grows_by_its_own_metrics(ground: Ground) -> None:
    found = ground.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")
    policies = {policy["PolicyName"]: policy for policy in found["ScalingPolicies"]}
    assert len(policies) == 6
    requests = policies["rehearsal-api-green-requests"]["TargetTrackingScalingPolicyConfiguration"]
    label = requests["PredefinedMetricSpecification"]["ResourceLabel"]
    assert re.fullmatch(r"app/rehearsal-public/\w+/targetgroup/rehearsal-api-green/\w+", label)
    queue = policies["rehearsal-vllm-blue-queue"]["TargetTrackingScalingPolicyConfiguration"]
    dimensions = queue["CustomizedMetricSpecification"]["Dimensions"]
    assert dimensions == [{"Name": "TaskDefinitionFamily", "Value": "rehearsal-vllm-blue"}]


def test_collectors_are_told_where_the_workspace_is(ground: Ground) -> None:
    (workspace,) = ground.client("amp").list_workspaces(alias="switchyard-rehearsal")["workspaces"]
    collector = template(ground, "api")["taskDefinition"]["containerDefinitions"][1]
    told = {entry["name"]: entry["value"] for entry in collector["environment"]}
    assert workspace["workspaceId"] in told["SWITCHYARD_REMOTE_WRITE_URL"]


def test_templates_are_kept_whole(ground: Ground) -> None:
    definition = template(ground, "vllm")["taskDefinition"]
    vllm, collector = definition["containerDefinitions"]
    assert vllm["resourceRequirements"] == [{"type": "GPU", "value": "1"}]
    assert vllm["stopTimeout"] == 10 and vllm["healthCheck"]["command"] == ["CMD", "python3", "probe.py"]
    volumes = {volume["name"]: volume["host"].get("sourcePath") for volume in definition["volumes"]}
    assert volumes == {"tmp": None, "home": None, **HOST_FOLDERS}
    assert collector["essential"] is False
    gateway = template(ground, "api")["taskDefinition"]["containerDefinitions"][0]
    assert {secret["name"] for secret in gateway["secrets"]} >= {"SWITCHYARD_API_KEYS", "SWITCHYARD_SMOKE_KEY"}


def test_the_providers_tags_reach_what_they_would_reach_in_aws(ground: Ground) -> None:
    tags = {tag["key"]: tag["value"] for tag in template(ground, "api")["tags"]}
    assert tags == {
        "Project": "switchyard",
        "Environment": "rehearsal",
        "ManagedBy": "pulumi",
        "SwitchyardStack": "switchyard-rehearsal",
        "Part": "api",
    }


def test_scalable_targets_leave_every_bound_to_the_release_engine(ground: Ground) -> None:
    found = ground.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")[
        "ScalableTargets"
    ]
    bounds = {target["ResourceId"]: (target["MinCapacity"], target["MaxCapacity"]) for target in found}
    assert bounds == {f"service/{CLUSTER}/{slot}": (0, 0) for slot in SLOTS}


def test_hosts_may_come_and_none_is_there(ground: Ground) -> None:
    capacity = ground.manifest["capacity"]
    (group,) = ground.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[capacity["autoscaling_group"]]
    )["AutoScalingGroups"]
    assert (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]) == (0, 0, 4)
    described = ground.client("ecs").describe_capacity_providers(capacityProviders=[capacity["capacity_provider"]])
    (provider,) = described["capacityProviders"]
    assert provider["autoScalingGroupProvider"]["autoScalingGroupArn"] == group["AutoScalingGroupARN"]


def test_two_tables_forget_and_all_can_be_recovered(ground: Ground) -> None:
    dynamodb = ground.client("dynamodb")
    assert set(dynamodb.list_tables()["TableNames"]) == {
        f"switchyard-rehearsal-{table}" for table in ("ledger", "keys", "cache", "usage")
    }
    expiry = dynamodb.describe_time_to_live(TableName="switchyard-rehearsal-cache")["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "expires_at"


def test_the_subnets_are_in_lists_of_their_own_and_the_networks_own_defaults_let_nothing_in(ground: Ground) -> None:
    ec2, (vpc,) = ground.client("ec2"), networks(ground)
    lists = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    (default,) = [found for found in lists if found["IsDefault"]]
    assert {entry["RuleAction"] for entry in default["Entries"]} <= {"deny"}
    assert default["Associations"] == []
    assert sorted(len(found["Associations"]) for found in lists) == [0, 2, 2]
    own = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    (group,) = ec2.describe_security_groups(Filters=own)["SecurityGroups"]
    assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])


def test_the_public_list_has_the_doors_rule_and_leaves_remote_desktop_out(ground: Ground) -> None:
    ec2 = ground.client("ec2")
    named = [{"Name": "tag:Name", "Values": ["switchyard-rehearsal-public"]}]
    (found,) = ec2.describe_network_acls(Filters=named)["NetworkAcls"]
    inward = [entry for entry in found["Entries"] if not entry["Egress"]]
    ports = [(entry["PortRange"]["From"], entry["PortRange"]["To"]) for entry in inward if "PortRange" in entry]
    assert ports == [(443, 443), (1024, 3388), (3390, 65535)]
    # moto keeps the protocol of an ICMP rule and forgets its type and code.
    assert [entry["Protocol"] for entry in inward].count("1") == 1


def test_aws_is_reached_inside_the_network_and_every_connection_is_recorded(ground: Ground) -> None:
    ec2, (vpc,) = ground.client("ec2"), networks(ground)
    endpoints = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["VpcEndpoints"]
    kinds = {found["ServiceName"].partition("us-east-1.")[2]: found["VpcEndpointType"] for found in endpoints}
    assert kinds == {"s3": "Gateway", "dynamodb": "Gateway", "ecr.api": "Interface", "logs": "Interface"}
    (flow,) = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]
    assert flow["LogDestination"] == f"arn:aws:s3:::{ground.manifest['log_bucket']}"


def networks(ground: Ground) -> list[str]:
    named = [{"Name": "tag:Name", "Values": ["switchyard-rehearsal"]}]
    return [found["VpcId"] for found in ground.client("ec2").describe_vpcs(Filters=named)["Vpcs"]]


def test_the_log_bucket_takes_the_logs_of_the_model_bucket(ground: Ground) -> None:
    s3, models, logs = ground.client("s3"), ground.manifest["model_bucket"], ground.manifest["log_bucket"]
    assert s3.get_bucket_versioning(Bucket=models)["Status"] == "Enabled"
    assert s3.get_bucket_logging(Bucket=models)["LoggingEnabled"]["TargetBucket"] == logs
    assert s3.get_public_access_block(Bucket=logs)["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"] is True
    assert "logdelivery.elasticloadbalancing.amazonaws.com" in s3.get_bucket_policy(Bucket=logs)["Policy"]
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=logs)["Rules"]
    assert rule["Expiration"] == {"Days": 1}


def test_the_deployers_policy_names_the_traffic_rule(ground: Ground) -> None:
    policy = ground.client("iam").get_role_policy(RoleName="switchyard-rehearsal-deployer", PolicyName="release")
    statements = {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"]}
    assert statements["MoveTraffic"]["Resource"] == [ground.manifest["door"]["traffic_rule_arn"]]


def test_secrets_have_places_without_values(ground: Ground) -> None:
    names = {secret["Name"] for secret in ground.client("secretsmanager").list_secrets()["SecretList"]}
    assert names == {f"switchyard/rehearsal/{which}" for which in ("api-keys", "smoke-key", "openai-key")}


def test_images_may_be_pushed_under_tags_that_never_move(ground: Ground) -> None:
    for url in ground.manifest["repositories"].values():
        name = url.split("/", 1)[1]
        (repository,) = ground.client("ecr").describe_repositories(repositoryNames=[name])["repositories"]
        assert repository["imageTagMutability"] == "IMMUTABLE"


def test_the_result_is_json_with_the_time_it_took(ground: Ground) -> None:
    assert set(ground.result) == {"realised", "accepted_only", "outputs", "seconds"}
    assert json.dumps(ground.result) and ground.result["seconds"] < 60
