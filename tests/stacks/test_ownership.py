"""Who owns what: the options that keep Pulumi from undoing a release.

A stack transformation sees that the options are set. That the engine then leaves weights alone is the engine's
doing and is not shown here: the SDK's mocks have neither state nor difference.
"""

import pytest

from tests.stacks.declared import Program

PROTECTED = {
    *("LoadBalancer", "Listener", "ListenerRule", "TargetGroup", "Cluster", "Service", "Table", "Key", "Bucket"),
}
IGNORED = {
    "ingress-traffic": ["actions"],
    **{
        f"{part}-{colour}": ["taskDefinition", "desiredCount"]
        for part in ("api", "inference")
        for colour in ("blue", "green")
    },
    **{
        f"{part}-{colour}-scaling": ["minCapacity", "maxCapacity", "suspendedState"]
        for part in ("api", "inference")
        for colour in ("blue", "green")
    },
    "capacity-hosts": ["desiredCapacity"],
}


def test_exactly_what_carries_traffic_or_state_is_protected(program: Program) -> None:
    for found in program.aws:
        assert found.protect == (found.type.rpartition(":")[2] in PROTECTED), found.name


def test_exactly_what_the_release_engine_sets_is_ignored_and_always_whole(program: Program) -> None:
    assert {found.name: found.ignore_changes for found in program.aws if found.ignore_changes} == IGNORED


def test_the_traffic_rule_has_two_target_groups_and_no_third_can_slip_in(program: Program) -> None:
    rule = program.one("ingress-traffic")
    assert len(rule.inputs["actions"][0]["forward"]["targetGroups"]) == 2
    assert not any("." in path or "[" in path for path in rule.ignore_changes)


@pytest.mark.parametrize("colour", ["blue", "green"])
def test_a_service_waits_for_the_rules_that_make_its_target_group_acceptable(program: Program, colour: str) -> None:
    api, vllm = program.one(f"api-{colour}"), program.one(f"inference-{colour}")
    assert api.depends_on == ["ingress-preview-blue", "ingress-preview-green", "ingress-traffic"]
    assert vllm.depends_on == ["capacity-in-cluster", "internal-blue", "internal-green"]


def test_services_start_with_nothing_running_on_the_template(program: Program) -> None:
    services = [found for found in program.of("Service") if found.inputs.get("schedulingStrategy") != "DAEMON"]
    assert len(services) == 4
    for service in services:
        assert service.inputs["desiredCount"] == 0
        assert service.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": False}
        assert service.inputs["enableExecuteCommand"] is False
    for target in program.of("Target"):
        assert (target.inputs["minCapacity"], target.inputs["maxCapacity"]) == (0, 0)


def test_the_api_never_runs_short_and_vllm_never_needs_a_spare_gpu(program: Program) -> None:
    def percents(name: str) -> tuple[int, int]:
        inputs = program.one(name).inputs
        return inputs["deploymentMinimumHealthyPercent"], inputs["deploymentMaximumPercent"]

    assert percents("api-green") == (100, 200)
    assert percents("inference-green") == (50, 100)


def test_vllm_asks_for_hosts_and_is_never_moved_between_zones(production: Program) -> None:
    service = production.one("inference-blue").inputs
    assert "launchType" not in service
    assert len(service["capacityProviderStrategies"]) == 1
    assert service["availabilityZoneRebalancing"] == "DISABLED"
    assert service["healthCheckGracePeriodSeconds"] == 1800


def test_the_manifest_waits_for_everything(program: Program) -> None:
    (manifest,) = [found for found in program.all if found.name == "manifest"]
    network = ("access-lists", "domain", "endpoints", "firewall", "flow-log", "network", "web")
    services = ("api", "autoscaling", "gpu-metrics", "inference")
    waited = ("alerts", "budget", "deployer", "monitoring", "operator", "storage", *network, *services)
    assert manifest.depends_on == sorted(waited)
