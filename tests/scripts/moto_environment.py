"""The smallest environment in moto that the adapters can be tried on."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from moto import mock_aws

from scripts.aws.clients import Clients
from tests import sdk
from tests.scripts import canned_answers

REGION = "us-east-1"


@contextmanager
def clients() -> Iterator[Clients]:
    """Clients of an empty account, without Amazon's machine images: moto would make 1300 of them each time."""
    with pytest.MonkeyPatch.context() as shell:
        shell.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        with mock_aws():
            try:
                yield _clients()
            finally:
                canned_answers.forget()


def make_table(of: Clients, name: str) -> None:
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    of.read("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )


def make_rule(of: Clients) -> tuple[str, list[str]]:
    """A listener rule with two weighted target groups; answers its ARN and theirs."""
    ec2, elb = of.read("ec2"), of.read("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [_subnet(ec2, vpc, number, zone) for number, zone in enumerate("ab")]
    balancer = elb.create_load_balancer(Name="public", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    groups = [
        elb.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")["TargetGroups"][0][
            "TargetGroupArn"
        ]
        for name in ("api-blue", "api-green")
    ]
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
    listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=fixed)
    headers = {"HttpHeaderName": "x-switchyard-preview", "Values": ["token"]}
    rule = elb.create_rule(
        ListenerArn=listener["Listeners"][0]["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "http-header", "HttpHeaderConfig": headers}],
        Actions=weighted(groups, 1, 0),
    )
    return rule["Rules"][0]["RuleArn"], groups


def weighted(groups: list[str], *weights: int) -> list[dict[str, Any]]:
    pairs = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in zip(groups, weights, strict=True)]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": pairs}}]


@cache
def _clients() -> Clients:
    """The same for all tests: making one costs as much as several calls, and only moto's account remembers."""
    return Clients(sdk.session("deployer"), REGION)


def _subnet(ec2: Any, vpc: str, number: int, zone: str) -> str:
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=REGION + zone)
    return str(made["Subnet"]["SubnetId"])
