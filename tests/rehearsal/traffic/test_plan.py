"""The plan keeps the rate, varies what it should, and can be repeated."""

from rehearsal.traffic.plan import Plan

PLAN = Plan("run", ("one", "two"), rate_per_second=7, stream_share=0.5, fresh_share=0.3)
REQUESTS = [PLAN.request(number) for number in range(700)]


def test_the_rate_is_kept_and_the_order_too() -> None:
    due = [request.due_seconds for request in REQUESTS]
    assert due == sorted(due)
    assert 99 < due[-1] <= 100


def test_every_request_is_its_own() -> None:
    assert len({request.prompt for request in REQUESTS}) == len({request.id for request in REQUESTS}) == 700
    assert PLAN.request(3) == PLAN.request(3)
    assert PLAN.request(3).prompt != Plan("other", ("one",), 7, 0.5, 0.3).request(3).prompt


def test_shares_are_kept_on_each_node() -> None:
    for node in PLAN.nodes:
        requests = [request for request in REQUESTS if request.node == node]
        assert 0.4 < sum(request.streaming for request in requests) / len(requests) < 0.6
        assert 0.2 < sum(request.fresh_connection for request in requests) / len(requests) < 0.4
    assert len({request.max_tokens for request in REQUESTS}) > 10


def test_shares_of_nothing_and_of_all_are_exact() -> None:
    none, every = Plan("run", ("one",), 7, 0, 0), Plan("run", ("one",), 7, 1, 1)
    assert not any(none.request(n).streaming or none.request(n).fresh_connection for n in range(200))
    assert all(every.request(n).streaming and every.request(n).fresh_connection for n in range(200))


def test_usage_is_asked_for_in_streams_only() -> None:
    bodies = [request.body("kestrel") for request in REQUESTS]
    assert all(body["stream"] for body in bodies if "stream_options" in body)
    assert any("stream_options" in body for body in bodies)
    assert {body["model"] for body in bodies} == {"kestrel"}
