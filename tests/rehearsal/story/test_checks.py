"""What a step's answer must say, from made-up answers."""

from typing import Any

import pytest

from rehearsal.story.checks import breaker_closed, breaker_open, vllm_complete


def task(name: str, state: str, *, serves: bool = True, fresh: bool = True) -> dict[str, Any]:
    return {"task": name, "breakers": {"vllm": {"state": state}}, "is_serving": serves, "fresh": fresh}


@pytest.mark.parametrize(
    ("states", "missing"),
    [
        (["open", "open"], None),
        (["open", "half_open"], None),
        (["closed", "open"], "vLLM's breaker is still closed on a"),
        ([], "no gateway task that serves clients reports"),
    ],
)
def test_a_breaker_is_open_when_no_task_that_serves_has_it_closed(states: list[str], missing: str | None) -> None:
    answer = {"tasks": [task(name, state) for name, state in zip("ab", states, strict=False)]}
    assert breaker_open(answer) == missing


@pytest.mark.parametrize(
    ("states", "missing"),
    [
        (["closed", "closed"], None),
        (["closed", "half_open"], "vLLM's breaker is still open on b"),
        (["open", "open"], "vLLM's breaker is still open on a, b"),
        ([], "no gateway task that serves clients reports"),
    ],
)
def test_a_breaker_is_closed_when_every_task_that_serves_says_so(states: list[str], missing: str | None) -> None:
    answer = {"tasks": [task(name, state) for name, state in zip("ab", states, strict=False)]}
    assert breaker_closed(answer) == missing


def test_a_task_without_clients_or_without_a_late_report_is_not_waited_for() -> None:
    others = [task("b", "closed", serves=False), task("c", "closed", fresh=False)]
    assert breaker_open({"tasks": [task("a", "open"), *others]}) is None


def test_an_answer_of_another_kind_is_never_enough() -> None:
    assert breaker_open({}) is not None
    assert breaker_closed({}) is not None
    assert vllm_complete({}) is not None


@pytest.mark.parametrize(("running", "missing"), [(2, None), (1, "1 vLLM tasks run"), (0, "0 vLLM tasks run")])
def test_vllm_is_complete_with_as_many_tasks_as_the_gateway(running: int, missing: str | None) -> None:
    assert vllm_complete({"live": {"api_running": 2, "vllm_running": running}}) == missing
