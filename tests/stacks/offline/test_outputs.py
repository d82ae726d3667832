"""What a type promises, read from the SDK's own classes."""

from stacks.offline.outputs import empty, has_tags, missing, promised, stand_ins

CLUSTER = "aws:ecs/cluster:Cluster"
GROUP = "aws:lb/targetGroup:TargetGroup"


def test_outputs_that_are_always_there_are_promised_and_optional_ones_are_not() -> None:
    assert {"arn", "healthCheck", "loadBalancerArns"} <= set(promised(GROUP))
    assert not {"id", "urn", "slowStart", "vpcId"} & set(promised(GROUP))


def test_missing_names_what_is_absent_and_accepts_what_is_empty() -> None:
    whole = stand_ins(GROUP, "s", {})
    assert missing(GROUP, whole) == []
    assert missing(GROUP, {**whole, "arn": None}) == ["arn"]
    assert missing(GROUP, {**whole, "preserveClientIp": ""}) == []


def test_what_aws_has_nothing_to_say_about_is_empty_in_its_own_type() -> None:
    found = empty(GROUP, "loadBalancerArns", "connectionTermination", "namePrefix")
    assert found == {"loadBalancerArns": [], "connectionTermination": False, "namePrefix": ""}
    assert empty("aws:ecs/service:Service", "deploymentConfiguration") == {"deploymentConfiguration": {}}


def test_a_type_that_the_sdk_does_not_have_promises_nothing() -> None:
    assert promised("acme:index:Thing") == {}
    assert promised("aws:ecs/noSuch:NoSuch") == {}


def test_default_tags_reach_types_that_have_tags() -> None:
    assert has_tags(CLUSTER)
    assert not has_tags("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    assert not has_tags("aws:autoscaling/group:Group")
