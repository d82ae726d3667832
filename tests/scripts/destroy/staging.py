"""An environment `staging` in moto, with what production has: protected, in use, and beside another one."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from scripts.aws.clients import Clients
from tests.scripts.canned_answers import answer
from tests.scripts.moto_environment import REGION, clients

ACCOUNT_ID = "123456789012"
TABLES = [f"switchyard-staging-{which}" for which in ("cache", "keys", "ledger", "usage")]
BUCKETS = [f"switchyard-staging-{which}-{ACCOUNT_ID}" for which in ("logs", "models")]
BALANCERS = ("staging-public", "staging-internal")
REPOSITORIES = ("switchyard-staging-api", "switchyard-staging-vllm")
GROUP = "switchyard-staging-gpu-hosts"
CLUSTER = "switchyard-staging"
OTHERS = (f"switchyard-state-{ACCOUNT_ID}-{REGION}", f"switchyard-production-models-{ACCOUNT_ID}")
RESERVATION: dict[str, Any] = {
    "CapacityReservationId": "cr-1",
    "InstanceType": "g5.xlarge",
    "TotalInstanceCount": 1,
}
_END = datetime(2027, 8, 1, tzinfo=UTC)


@contextmanager
def empty(reservations: Sequence[dict[str, Any]] = (RESERVATION,)) -> Iterator[Clients]:
    """An account with nothing in it. moto knows neither reservations nor Reserved Instances."""
    with clients() as found:
        bought = {"ReservedInstancesId": "ri-1", "InstanceType": "g5.xlarge", "InstanceCount": 2, "End": _END}
        other = {"ReservedInstancesId": "ri-2", "InstanceType": "m5.large", "InstanceCount": 9, "End": _END}
        answer(found, "ec2.DescribeCapacityReservations", {"CapacityReservations": list(reservations)})
        answer(found, "ec2.DescribeReservedInstances", {"ReservedInstances": [bought, other]})
        yield found


@contextmanager
def standing() -> Iterator[Clients]:
    with empty() as found:
        _tables(found)
        subnets = _balancers(found)
        for name in (*BUCKETS, *OTHERS):
            bucket(found, name)
        _images(found)
        for which in ("api-keys", "smoke-key"):
            found.read("secretsmanager").create_secret(Name=f"switchyard/staging/{which}", SecretString="x")
        _services(found)
        _hosts(found, subnets[0])
        yield found


def bucket(of: Clients, name: str) -> None:
    """Two versions and a delete marker."""
    s3 = of.read("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        s3.put_object(Bucket=name, Key="weights", Body=b"x" * 1000)
    s3.delete_object(Bucket=name, Key="weights")


def _tables(of: Clients) -> None:
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    for name in TABLES:
        of.read("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=True,
        )


def _balancers(of: Clients) -> list[str]:
    ec2, elb = of.read("ec2"), of.read("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        str(ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=REGION + z)["Subnet"]["SubnetId"])
        for i, z in enumerate("ab")
    ]
    for name in BALANCERS:
        arn = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        protect = [{"Key": "deletion_protection.enabled", "Value": "true"}]
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protect)
    return subnets


def _images(of: Clients) -> None:
    ecr = of.read("ecr")
    for name in REPOSITORIES:
        ecr.create_repository(repositoryName=name)
        config = {"mediaType": "application/json", "size": 1, "digest": "sha256:" + "0" * 64}
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [], "name": name}
        ecr.put_image(repositoryName=name, imageTag="release-r-1", imageManifest=json.dumps(manifest))


def _services(of: Clients) -> None:
    ecs = of.read("ecs")
    ecs.create_cluster(clusterName=CLUSTER)
    ecs.register_task_definition(family="t", containerDefinitions=[{"name": "c", "image": "i", "memory": 128}])
    for name, count in (("api-blue", 2), ("api-green", 0), ("vllm-blue", 2), ("vllm-green", 0)):
        service = f"staging-{name}"
        ecs.create_service(cluster=CLUSTER, serviceName=service, taskDefinition="t", desiredCount=count)
        of.read("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{CLUSTER}/{service}",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=count,
            MaxCapacity=2 * count,
        )


def _hosts(of: Clients, subnet: str) -> None:
    data = {"ImageId": "ami-12345678", "InstanceType": "g5.xlarge"}
    of.read("ec2").create_launch_template(LaunchTemplateName="gpu-host", LaunchTemplateData=data)
    sizes: dict[str, Any] = {"MinSize": 0, "MaxSize": 2, "DesiredCapacity": 2}
    of.read("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=GROUP,
        LaunchTemplate={"LaunchTemplateName": "gpu-host"},
        VPCZoneIdentifier=subnet,
        NewInstancesProtectedFromScaleIn=True,
        **sizes,
    )
