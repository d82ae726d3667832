"""What is declared becomes lines of a bill, at rest and while a release runs."""

from dataclasses import replace

import pytest

from scripts.cost.assumptions import Assumptions
from scripts.cost.model import Bill, Kind
from scripts.cost.prices import load
from scripts.cost.pricing import bill
from scripts.errors import Refused
from stacks.offline.declaration import Program
from tests.scripts.cost.declared import hosts, program, reservation, resource

MONTH = Assumptions()
PRICES = load("us-east-1")


def of(declared: Program, month: Assumptions = MONTH, **usd: float) -> Bill:
    """A bill in which the given keys (`nat_hour` for nat.hour) have these prices."""
    mine = {key.replace("__", "."): value for key, value in usd.items()}
    return bill(declared, {**PRICES, **{key: replace(PRICES[key], usd=value) for key, value in mine.items()}}, month)


def counts(found: Bill) -> dict[str, tuple[float, float]]:
    return {one.line.what: (one.line.idle, one.line.releasing) for one in found.lines}


def uses(found: Bill) -> dict[str, float]:
    return {one.use.price_key: one.use.monthly for one in found.uses}


def test_at_rest_one_colours_minimum_runs_and_in_a_release_both() -> None:
    found = counts(of(program(hosts())))
    assert found["GPU hosts that run (g5.xlarge)"] == (2, 4)
    assert found["their disks (100 GB gp3)"] == (200, 400)
    assert found["Fargate tasks staging-api, 1 vCPU each"] == (2, 4)
    assert found["Fargate tasks staging-api, 2 GB each"] == (4, 8)


def test_hosts_are_counted_by_the_gpus_that_tasks_take() -> None:
    assert counts(of(program(hosts(), gpus_per_task=2)))["GPU hosts that run (g5.xlarge)"] == (4, 8)


@pytest.mark.parametrize(("reserved", "unused"), [(1, None), (2, None), (3, (1, 0)), (5, (3, 1))])
def test_a_reservation_costs_only_where_no_host_uses_it(reserved: int, unused: tuple[int, int] | None) -> None:
    found = counts(of(program(hosts(), reservation(reserved))))
    assert found.get(f"reserved and not used ({reserved} g5.xlarge reserved)") == unused


def test_a_daemon_costs_no_host_of_its_own() -> None:
    daemon = resource(
        "aws:ecs/service:Service",
        "gpu-metrics",
        name="staging-gpu-metrics",
        schedulingStrategy="DAEMON",
        taskDefinition="arn:aws:ecs:us-east-1:111122223333:api-template",
    )
    assert counts(of(program(hosts(), daemon))) == counts(of(program(hosts())))


def test_each_zone_of_a_public_balancer_and_each_way_out_has_an_address() -> None:
    network = (
        resource("aws:lb/loadBalancer:LoadBalancer", "public", name="public", internal=False, subnets=["a", "b", "c"]),
        resource("aws:lb/loadBalancer:LoadBalancer", "inner", name="inner", internal=True, subnets=["a", "b", "c"]),
        resource("aws:ec2/natGateway:NatGateway", "nat"),
        resource("aws:ec2/eip:Eip", "address"),
    )
    found = counts(of(program(*network)))
    assert (found["load balancers"], found["NAT gateways"], found["public addresses"]) == ((2, 2), (1, 1), (4, 4))


def test_interface_endpoints_cost_in_each_zone_and_take_the_data_off_the_nat_gateway() -> None:
    kind = "aws:ec2/vpcEndpoint:VpcEndpoint"
    free = resource(kind, "s3", vpcEndpointType="Gateway")
    paid = [resource(kind, name, vpcEndpointType="Interface", subnetIds=["a", "b"]) for name in ("logs", "ecr")]
    nat = resource("aws:ec2/natGateway:NatGateway", "nat")
    without, found = of(program(nat, free)), of(program(nat, free, *paid))
    assert "interface endpoints (2 services, in each zone)" not in counts(without)
    assert counts(found)["interface endpoints (2 services, in each zone)"] == (4, 4)
    assert uses(without)["nat.data"] == uses(found)["endpoint.data"] == MONTH.gb_processed
    assert "nat.data" not in uses(found) and "endpoint.data" not in uses(without)


def test_the_web_firewall_costs_for_itself_its_rules_and_requests() -> None:
    listed = resource("aws:wafv2/webAcl:WebAcl", "listed", rules=[{"name": "one"}, {"name": "two"}])
    written = resource("aws:wafv2/webAcl:WebAcl", "written", ruleJson='[{"Name": "one"}]')
    found = of(program(listed, written))
    assert (counts(found)["web firewall"], counts(found)["its rules"]) == ((2, 2), (3, 3))
    assert uses(found)["waf.requests"] == 5


def test_an_alarm_on_a_formula_costs_for_each_metric_in_it() -> None:
    kind = "aws:cloudwatch/metricAlarm:MetricAlarm"
    plain = resource(kind, "plain", metricName="CPUUtilization")
    formula = resource(
        kind, "formula", metricQueries=[{"id": "a", "metric": {}}, {"id": "b", "metric": {}}, {"id": "e"}]
    )
    assert counts(of(program(plain, formula)))["alarms, by the metrics they watch"] == (3, 3)


def test_scaling_that_tracks_a_target_pays_for_the_alarms_it_makes() -> None:
    kind = "aws:appautoscaling/policy:Policy"
    tracking = resource(kind, "tracking", policyType="TargetTrackingScaling")
    stepping = resource(kind, "stepping", policyType="StepScaling")
    assert counts(of(program(tracking, stepping)))["alarms that scaling makes for itself"] == (2, 2)


def test_no_request_is_paid_to_openai_where_prompts_may_not_leave() -> None:
    assert uses(of(program()))["openai.input"] == pytest.approx(140)
    assert "openai.input" not in uses(of(program(fallback="never")))


def test_what_is_used_follows_the_assumptions() -> None:
    balancer = resource("aws:lb/loadBalancer:LoadBalancer", "inner", name="inner", internal=True, subnets=["a"])
    small, large = (
        uses(of(program(balancer), replace(MONTH, requests_per_month=number))) for number in (1_000_000, 10_000_000)
    )
    assert large["alb.lcu"] == pytest.approx(10 * small["alb.lcu"])
    assert large["transfer.out"] == pytest.approx(10 * small["transfer.out"])


def test_sums_are_of_hours_and_months_and_leave_out_what_has_no_price() -> None:
    cluster = resource("aws:ecs/cluster:Cluster", "one", settings=[{"name": "containerInsights", "value": "enabled"}])
    secret = resource("aws:secretsmanager/secret:Secret", "one")
    usd = {"ec2__g5__xlarge": 1.0, "ebs__gp3": 0.0, "fargate__vcpu": 0.0, "fargate__memory": 0.0, "secret__month": 0.5}
    found = of(program(hosts(), cluster, secret), **usd)
    assert found.idle_monthly_usd() == 2 * 730 + 0.5
    assert found.idle_monthly_usd(720) == 2 * 720 + 0.5
    assert found.releasing_monthly_usd == 4 * 730 + 0.5
    assert found.release_hour_usd == pytest.approx(2)
    assert list(found.unpriced) == ["Container Insights"]


def test_reserving_for_a_year_is_compared_for_the_hosts_that_run_at_rest() -> None:
    (found,) = of(program(hosts()), ec2__g5__xlarge=1.0, reserved__g5__xlarge=0.6).reservable
    assert found.saved_monthly_usd == pytest.approx(2 * 0.4 * 730)


def test_a_type_that_nobody_priced_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="aws:rds/instance:Instance costs is not known"):
        of(program(resource("aws:rds/instance:Instance", "database")))


def test_an_unpriced_line_never_counts_as_free() -> None:
    cluster = resource("aws:ecs/cluster:Cluster", "one", settings=[{"name": "containerInsights", "value": "enabled"}])
    (found,) = [one for one in of(program(cluster)).lines if one.line.what == "Container Insights"]
    assert found.monthly_usd(found.line.idle) is None
    assert "custom metrics" in found.price.unpriced


def test_hosts_that_no_table_has_cost_what_the_settings_say() -> None:
    (found,) = [one for one in of(_large()).lines if "GPU hosts" in one.line.what]
    assert found.monthly_usd(found.line.idle) == pytest.approx(2 * 5.5 * 730)
    assert (found.price.kind, found.price.source) == (Kind.SETTINGS, "hourlyUsd in the settings")
    assert of(_large()).unpriced == {}


def test_a_sourced_price_of_the_hosts_is_not_replaced_by_the_settings() -> None:
    (found,) = [one for one in of(program(hosts(), host=("g5.xlarge", 9.0))).lines if "GPU hosts" in one.line.what]
    assert (found.price.usd, found.price.kind) == (1.006, Kind.SECONDARY)


def test_ones_own_price_of_the_hosts_comes_before_the_settings() -> None:
    (found,) = [one for one in of(_large(), ec2__g5__12xlarge=4.0).lines if "GPU hosts" in one.line.what]
    assert found.price.usd == 4.0


def _large() -> Program:
    return program(hosts("g5.12xlarge"), host=("g5.12xlarge", 5.5))
