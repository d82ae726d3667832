"""How much is too much: the load a client is expected to send always passes, a flood does not.

Judged by a model of AWS WAF's counting (`judge.py`), not by AWS, which also counts late by some seconds.
"""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.stacks.declared import Program
from tests.stacks.web.judge import Request, limited

Rules = list[dict[str, Any]]
Step = list[tuple[Request, int]]


@pytest.fixture
def rules(program: Program) -> Rules:
    found: Rules = json.loads(program.one("web-acl").inputs["ruleJson"])
    return found


def keyed(key: str) -> Request:
    return Request(headers={"authorization": f"Bearer {key}", "user-agent": "a"})


def one_client(per_step: int) -> Callable[[int], Step]:
    return lambda _: [(Request(), per_step)]


def during(seconds: int, make: Callable[[int], Step]) -> Iterator[Step]:
    """Steps of ten seconds, as `limited` takes them."""
    return (make(step) for step in range(seconds // 10))


def test_the_expected_load_passes_for_an_hour(rules: Rules) -> None:
    expected = one_client(7 * 10)
    assert not limited(rules, during(3600, expected))
    tight = copy.deepcopy(rules)
    _rate(tight[0])["Limit"] //= 10
    assert not limited(tight, during(3600, expected)), "the limit itself may be reached"
    _rate(tight[0])["Limit"] -= 1
    assert limited(tight, during(3600, expected))


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        pytest.param(one_client(7000), "limit-each-client", id="with one key"),
        pytest.param(
            lambda _: [(Request(headers={"user-agent": "a"}), 7000)], "limit-each-address", id="without a key"
        ),
        pytest.param(
            lambda step: [(keyed(f"{step}-{number}"), 10) for number in range(700)],
            "limit-each-address",
            id="with new keys all the time",
        ),
    ],
)
def test_a_flood_of_a_hundred_times_the_load_is_limited(rules: Rules, make: Callable[[int], Step], rule: str) -> None:
    refused = limited(rules, during(300, make))
    assert refused[rule] > 700 * 100
    assert not limited([one for one in rules if one["Name"] != rule], during(150, make))


def test_clients_behind_one_address_do_not_share_a_limit(rules: Rules) -> None:
    """Thirty clients at the expected load each, behind one address."""

    def many(_: int) -> Step:
        return [(keyed(f"client-{number}"), 7 * 10) for number in range(30)]

    assert not limited(rules, during(600, many))
    shared = copy.deepcopy(rules)
    _rate(shared[0])["AggregateKeyType"] = "IP"
    assert limited(shared, during(600, many))


def test_a_limited_client_reads_openais_error_and_when_to_come_back(program: Program, rules: Rules) -> None:
    bodies = {body["key"]: body for body in program.one("web-acl").inputs["customResponseBodies"]}
    for rule in rules[:2]:
        answer = rule["Action"]["Block"]["CustomResponse"]
        assert answer["ResponseCode"] == 429
        assert answer["ResponseHeaders"] == [{"Name": "Retry-After", "Value": "60"}]
        body = bodies[answer["CustomResponseBodyKey"]]
        assert body["contentType"] == "APPLICATION_JSON"
        assert set(json.loads(body["content"])["error"]) == {"message", "type", "param", "code"}


def _rate(rule: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = rule["Statement"]["RateBasedStatement"]
    return found
