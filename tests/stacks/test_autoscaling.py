"""By what a colour grows, and that nothing of it is the release engine's."""

import pytest

from stacks.collectors import CONFIGURATIONS, FAMILY_DIMENSION, QUEUE_METRIC
from tests.stacks.declared import Declaration, Program

COLOURS = ("blue", "green")


def tracking(policy: Declaration) -> dict[str, object]:
    assert policy.inputs["policyType"] == "TargetTrackingScaling"
    found: dict[str, object] = policy.inputs["targetTrackingScalingPolicyConfiguration"]
    return found


def test_each_colour_has_the_same_policies_on_its_own_scalable_target(program: Program) -> None:
    found = {policy.name: policy.inputs["resourceId"].rpartition("/")[2] for policy in program.of("Policy")}
    environment = program.one("cluster-ecs").inputs["name"].removeprefix("switchyard-")
    expected = {
        **{f"autoscaling-api-{colour}-{which}": f"{environment}-api-{colour}" for colour in COLOURS for which in API},
        **{f"autoscaling-vllm-{colour}-queue": f"{environment}-vllm-{colour}" for colour in COLOURS},
    }
    assert found == expected


API = ("requests", "cpu")


@pytest.mark.parametrize("colour", COLOURS)
def test_the_api_grows_with_the_requests_of_its_own_target_group(production: Program, colour: str) -> None:
    configuration = tracking(production.one(f"autoscaling-api-{colour}-requests"))
    assert configuration["targetValue"] == 1500
    assert configuration["predefinedMetricSpecification"] == {
        "predefinedMetricType": "ALBRequestCountPerTarget",
        "resourceLabel": f"ingress-public/ingress-api-{colour}",
    }


def test_the_api_grows_with_cpu_too(production: Program) -> None:
    configuration = tracking(production.one("autoscaling-api-green-cpu"))
    assert configuration["targetValue"] == 60
    assert configuration["predefinedMetricSpecification"] == {"predefinedMetricType": "ECSServiceAverageCPUUtilization"}


@pytest.mark.parametrize("colour", COLOURS)
def test_vllm_grows_with_the_queue_that_its_own_colours_collectors_publish(production: Program, colour: str) -> None:
    configuration = tracking(production.one(f"autoscaling-vllm-{colour}-queue"))
    assert configuration["targetValue"] == 5
    assert configuration["customizedMetricSpecification"] == {
        "namespace": "Switchyard/production",
        "metricName": QUEUE_METRIC,
        "dimensions": [{"name": FAMILY_DIMENSION, "value": f"production-vllm-{colour}"}],
        "statistic": "Average",
    }
    published = (CONFIGURATIONS / "queue.yaml").read_text()
    assert f"new_name: {QUEUE_METRIC}\n" in published and f"[[{FAMILY_DIMENSION}]]" in published


def test_another_gpu_host_is_given_time_to_show_before_the_next(program: Program) -> None:
    for policy in program.of("Policy"):
        configuration = tracking(policy)
        slow = (600, 1800) if "vllm" in policy.name else (60, 300)
        assert (configuration["scaleOutCooldown"], configuration["scaleInCooldown"]) == slow


def test_no_policy_sets_a_bound_or_overrules_the_engines_suspension(program: Program) -> None:
    for policy in program.of("Policy"):
        assert "disableScaleIn" not in tracking(policy)
        assert {"minCapacity", "maxCapacity", "suspendedState"}.isdisjoint(policy.inputs)
    for target in program.of("Target"):
        assert target.ignore_changes == ["minCapacity", "maxCapacity", "suspendedState"]
