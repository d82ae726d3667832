"""The metrics are all there from the start, with labels from closed sets only."""

from itertools import pairwise

from gateway.metrics import LATENCY_BOUNDS_SECONDS
from gateway.outcome import Reason

from tests.gateway import speech
from tests.gateway.stage import Stage


async def test_every_counter_is_zero_from_the_start(stage: Stage) -> None:
    await stage.start()

    samples = await stage.metrics()

    for status in ("2xx", "4xx", "5xx", "incomplete", "client_gone"):
        for tier in ("vllm", "openai", "none"):
            assert samples[_requests("chat_completions", status, tier)] == 0
        assert samples[_requests("models", status, "none")] == 0
    for reason in Reason:
        for left, to in (("vllm", "openai"), ("vllm", "none"), ("openai", "none")):
            assert samples[f'switchyard_fallbacks_total{{from="{left}",reason="{reason}",to="{to}"}}'] == 0
    for name in ("time_to_first_token", "request_duration"):
        for tier in ("vllm", "openai"):
            assert samples[f'switchyard_{name}_seconds_count{{tier="{tier}"}}'] == 0
    assert samples["switchyard_in_flight"] == 0


async def test_the_release_is_told(stage: Stage) -> None:
    await stage.start()

    labels = 'colour="blue",model_colour="green",release="r-0001"'
    assert await stage.metric(f"switchyard_release_info{{{labels}}}") == 1


async def test_a_whole_answer_is_counted_and_timed_by_its_tier(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start()

    await stage.ask()
    await stage.ask(stream=True)

    assert await stage.metric(_requests("chat_completions", "2xx", "vllm")) == 2
    assert await stage.metric('switchyard_time_to_first_token_seconds_count{tier="vllm"}') == 2
    assert await stage.metric('switchyard_request_duration_seconds_count{tier="vllm"}') == 2


async def test_nothing_a_client_sends_becomes_a_label(stage: Stage) -> None:
    await stage.start()

    await stage.request("GET", "/scanner.php")
    await stage.ask(model="junk-model")

    page = stage.gateway.parts.metrics.exposition().decode()
    assert "scanner" not in page and "junk" not in page
    assert await stage.metric(_requests("other", "4xx", "none")) == 1
    assert await stage.metric(_requests("chat_completions", "4xx", "none")) == 1


def test_latency_bounds_are_close_enough_for_a_rank_test() -> None:
    assert (LATENCY_BOUNDS_SECONDS[0], LATENCY_BOUNDS_SECONDS[-1]) == (0.05, 30.0)
    assert max(after / before for before, after in pairwise(LATENCY_BOUNDS_SECONDS)) <= 1.25


def _requests(route: str, status: str, tier: str) -> str:
    return f'switchyard_requests_total{{route="{route}",status_class="{status}",tier="{tier}"}}'
