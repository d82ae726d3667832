"""Between the program and AWS: what each resource gets back, and what is not let through."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pulumi.runtime import MockCallArgs, MockResourceArgs, rpc

from rehearsal.provision.clients import Clients
from rehearsal.provision.errors import MissingOutput, OutsideRead
from rehearsal.provision.realiser import Realiser
from rehearsal.provision.registry import Declared, Realised, Registry

CLUSTER, ALARM = "aws:ecs/cluster:Cluster", "aws:cloudwatch/metricAlarm:MetricAlarm"


def realiser(registry: Registry) -> Realiser:
    return Realiser(registry, Clients("http://127.0.0.1:1", "eu-west-1"), {})


def resource(kind: str, name: str = "one", **inputs: Any) -> MockResourceArgs:
    return MockResourceArgs(kind, name, inputs, custom=True)


def cluster(**outputs: Any) -> Registry:
    """A registry whose cluster returns these outputs."""
    found = {"arn": "arn:cluster", "name": "c", "settings": [], **outputs}
    return Registry({CLUSTER: lambda declared: Realised("c", {k: v for k, v in found.items() if v is not None})})


def test_what_aws_answered_comes_back_beside_the_inputs() -> None:
    identifier, outputs = realiser(cluster()).new_resource(resource(CLUSTER, name="n", settings=[]))
    assert (identifier, outputs["arn"], outputs["region"]) == ("c", "arn:cluster", "eu-west-1")


def test_an_output_that_the_type_promises_and_nobody_returned_fails_loudly() -> None:
    with pytest.raises(MissingOutput, match=r"aws:ecs/cluster:Cluster 'main': .* did not return arn"):
        realiser(cluster(arn=None)).new_resource(resource(CLUSTER, name="main"))


def test_a_resource_without_an_id_fails_loudly() -> None:
    made = Realised("", {"arn": "a", "name": "n", "settings": []})
    with pytest.raises(MissingOutput, match="an id"):
        realiser(Registry({CLUSTER: lambda declared: made})).new_resource(resource(CLUSTER))


def test_a_realisation_for_a_type_that_the_sdk_does_not_have_fails_loudly() -> None:
    mistyped = "aws:ecs/cluster:Custer"
    made = Realised("c", {"arn": "a"})
    with pytest.raises(MissingOutput, match="no such type"):
        realiser(Registry({mistyped: lambda declared: made})).new_resource(resource(mistyped))


def test_a_failed_resource_is_not_counted() -> None:
    mine = realiser(cluster(arn=None))
    with pytest.raises(MissingOutput):
        mine.new_resource(resource(CLUSTER))
    assert mine.realised == {}


def test_an_unknown_type_is_accepted_listed_and_marked_in_its_outputs() -> None:
    mine = realiser(Registry())
    identifier, outputs = mine.new_resource(resource(ALARM, name="ring"))
    assert mine.accepted_only == {ALARM}
    assert identifier == "accepted-only:ring"
    assert outputs["arn"] == "accepted-only:ring:arn"


def test_a_component_is_neither_realised_nor_listed() -> None:
    mine = realiser(Registry())
    assert mine.new_resource(MockResourceArgs("switchyard:index:Network", "network", {}, custom=False)) == (None, {})
    assert (dict(mine.realised), mine.accepted_only) == ({}, set())


def test_the_program_may_not_read_aws_while_it_runs() -> None:
    with pytest.raises(OutsideRead, match=r"getCallerIdentity.*as a setting"):
        realiser(Registry()).call(MockCallArgs("aws:index/getCallerIdentity:getCallerIdentity", {}, ""))


def test_the_providers_tags_are_merged_under_a_resources_own() -> None:
    seen: list[dict[str, str]] = []

    def make(declared: Declared) -> Realised:
        seen.append(dict(declared.tags))
        return Realised("c", {"arn": "a", "name": "n", "settings": []})

    mine = realiser(Registry({CLUSTER: make}))
    mine.new_resource(resource("pulumi:providers:aws", defaultTags='{"tags": {"A": "provider", "B": "provider"}}'))
    mine.new_resource(resource(CLUSTER, tags={"B": "own"}))
    assert seen == [{"A": "provider", "B": "own"}]


def test_secrets_are_unwrapped_and_counts_are_whole_again() -> None:
    seen: list[Any] = []

    def make(declared: Declared) -> Realised:
        seen.append(declared.inputs)
        return Realised("c", {"arn": "a", "name": "n", "settings": []})

    secret = {rpc._special_sig_key: rpc._special_secret_sig, "value": [{"port": 8080.0, "share": 0.5}]}
    realiser(Registry({CLUSTER: make})).new_resource(resource(CLUSTER, settings=secret))
    assert seen == [{"settings": [{"port": 8080, "share": 0.5}]}]
    assert isinstance(seen[0]["settings"][0]["port"], int)


def test_resources_are_realised_at_the_same_time_and_all_are_counted() -> None:
    together = threading.Barrier(8, timeout=10)

    def make(declared: Declared) -> Realised:
        together.wait()
        return Realised(declared.name, {"arn": "a", "name": "n", "settings": []})

    mine = realiser(Registry({CLUSTER: make}))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: mine.new_resource(resource(CLUSTER, name=str(number))), range(8)))
    assert sorted(str(identifier) for identifier, _ in found) == sorted(map(str, range(8)))
    assert mine.realised == {CLUSTER: 8}


def test_clients_are_made_once_however_many_threads_ask() -> None:
    clients = Clients("http://127.0.0.1:1", "eu-west-1")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: clients("ecs"), range(16)))
    assert len({id(client) for client in made}) == 1
