import json
from pathlib import Path

import pytest

from rehearsal.balancer import envoy
from rehearsal.balancer.envoy import NodePlace
from rehearsal.balancer.model import (
    Endpoint,
    FixedResponse,
    Forward,
    Group,
    HeaderCondition,
    HealthSettings,
    Listener,
    LoadBalancer,
    PathCondition,
    Rule,
)

HEALTH = HealthSettings("/ready", 8001, 15, 5, 2, 4, 200, 200)
GROUP = Group("arn:group", "api-blue", HEALTH, least_outstanding=True, deregistration_delay_seconds=600)
ANY_PATH = PathCondition(("/*",))
PREVIEW = (HeaderCondition("x-switchyard-preview", ("abc",)), HeaderCondition("x-switchyard-preview-colour", ("blue",)))


def listener(*rules: Rule, tls: bool = False) -> Listener:
    return Listener(443, tls, rules)


def routes_of(*rules: Rule) -> list[dict[str, object]]:
    configuration = envoy.routes(listener(*rules))
    found: list[dict[str, object]] = configuration["virtual_hosts"][0]["routes"]
    return found


@pytest.fixture
def place(tmp_path: Path) -> NodePlace:
    door = {443: Endpoint("127.0.0.1", 8443)}
    return NodePlace("n1", tmp_path, Endpoint("127.9.0.3", 9901), door, tmp_path / "c.pem", tmp_path / "k.pem")


def test_weights_of_a_rule_become_weighted_clusters() -> None:
    (route,) = routes_of(Rule((ANY_PATH,), Forward((("api-blue", 90), ("api-green", 10)))))
    assert route["route"] == {
        "timeout": "0s",
        "weighted_clusters": {
            "clusters": [{"name": "api-blue", "weight": 90}, {"name": "api-green", "weight": 10}],
        },
    }


def test_no_route_retries_because_a_load_balancer_does_not() -> None:
    (route,) = routes_of(Rule((ANY_PATH,), Forward((("api-blue", 1),))))
    assert "retry_policy" not in json.dumps(route)


def test_a_rule_whose_weights_are_all_zero_answers_503() -> None:
    (route,) = routes_of(Rule((ANY_PATH,), Forward((("api-blue", 0), ("api-green", 0)))))
    assert route["direct_response"]["status"] == 503  # type: ignore[index]


def test_both_preview_headers_must_match() -> None:
    (route,) = routes_of(Rule(PREVIEW, Forward((("api-blue", 1),))))
    names = [header["name"] for header in route["match"]["headers"]]  # type: ignore[index]
    assert names == ["x-switchyard-preview", "x-switchyard-preview-colour"]


def test_rules_keep_their_order() -> None:
    preview, traffic = Rule(PREVIEW, Forward((("api-green", 1),))), Rule((ANY_PATH,), Forward((("api-blue", 1),)))
    default = Rule((), FixedResponse(404, "application/json", "{}"))
    assert ["route" in route for route in routes_of(preview, traffic, default)] == [True, True, False]


def test_a_fixed_response_says_what_the_listener_says() -> None:
    (route,) = routes_of(Rule((), FixedResponse(404, "application/json", '{"error": 1}')))
    assert route["direct_response"] == {"status": 404, "body": {"inline_string": '{"error": 1}'}}


def test_health_checks_follow_the_target_group_without_traffic_too(place: NodePlace) -> None:
    (check,) = envoy.cluster(GROUP, place, 60)["health_checks"]
    assert (check["interval"], check["no_traffic_interval"], check["timeout"]) == ("15s", "15s", "5s")
    assert (check["healthy_threshold"], check["unhealthy_threshold"]) == (2, 4)
    assert check["http_health_check"] == {"path": "/ready", "expected_statuses": [{"start": 200, "end": 201}]}


def test_removed_targets_leave_at_once_and_all_unhealthy_fails_open(place: NodePlace) -> None:
    cluster = envoy.cluster(GROUP, place, 60)
    assert cluster["ignore_health_on_host_removal"] is True
    assert cluster["common_lb_config"]["healthy_panic_threshold"] == {"value": 1}


def test_a_target_is_checked_on_the_health_port(place: NodePlace) -> None:
    loads = envoy.endpoints(GROUP, [Endpoint("127.9.16.1", 8000)])["endpoints"][0]["lb_endpoints"]
    assert loads[0]["endpoint"]["health_check_config"] == {"port_value": 8001}
    assert loads[0]["endpoint"]["address"]["socket_address"]["port_value"] == 8000


def test_idle_timeouts_are_the_load_balancers(place: NodePlace) -> None:
    balancer = LoadBalancer("public", True, 90, (listener(tls=True),), (GROUP,))
    text = json.dumps(envoy.bootstrap(balancer, place))
    assert '"stream_idle_timeout": "90s"' in text
    assert str(place.certificate) in text


def test_equal_states_are_equal_files() -> None:
    rule = Rule((ANY_PATH,), Forward((("api-blue", 1),)))
    first, second = (envoy.discovery(envoy.routes(listener(rule))) for _ in range(2))
    assert first == second


def test_the_version_changes_with_the_weights() -> None:
    versions = {
        json.loads(envoy.discovery(envoy.routes(listener(Rule((), Forward((("api-blue", weight),)))))))["version_info"]
        for weight in (1, 2)
    }
    assert len(versions) == 2
