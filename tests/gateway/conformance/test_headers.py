"""Each answer has the headers that docs/openapi.yaml says it has, each with a value that it allows, and no other."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from gateway.keys.key import Key
from gateway.keys.keyring import digest

from tests.gateway import speech
from tests.gateway.conformance import texts
from tests.gateway.conformance.background import PATIENT
from tests.gateway.conformance.document import header_problems
from tests.gateway.conformance.kept import only_the_cache_answers
from tests.gateway.stage import Answered, Stage
from tests.gateway.upstream import RESET

CHAT, TEXT = "POST /v1/chat/completions", "POST /v1/completions"
MODES = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
LIMITED = {"authorization": "Bearer sk-bob"}

Ask = Callable[..., Awaitable[Answered]]


@pytest.fixture(params=[CHAT, TEXT], ids=["chat", "text"])
def label(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def ask(stage: Stage, label: str) -> Ask:
    async def asked(*, headers: dict[str, str] | None = None, **fields: Any) -> Answered:
        asking = stage.ask if label == CHAT else lambda **told: texts.ask(stage, **told)
        answer = await asking(headers=headers, **fields)
        assert header_problems(label, answer.status, answer.headers) == []
        return answer

    return asked


def good(label: str) -> Any:
    return speech.stream() if label == CHAT else texts.streamed()


@MODES
async def test_an_answer_of_the_first_tier(stage: Stage, ask: Ask, label: str, stream: bool) -> None:
    stage.vllm.script = good(label)
    await stage.start(limits=replace(PATIENT, output_tokens=5))

    answer = await ask(stream=stream)

    assert (answer.headers["x-switchyard-tier"], answer.headers["x-switchyard-output-limit"]) == ("vllm", "5")


@MODES
async def test_an_answer_of_the_paid_tier(stage: Stage, ask: Ask, label: str, stream: bool) -> None:
    stage.vllm.script, stage.openai.script = [RESET], good(label)
    await stage.start(openai=texts.account(stage), limits=PATIENT)

    answer = await ask(stream=stream, top_k=3, min_p=0.1)

    assert answer.headers["x-switchyard-dropped-parameters"] == "min_p,top_k"
    assert answer.headers["x-switchyard-fallback-reason"] == "reset"


@MODES
async def test_an_earlier_answer(stage: Stage, ask: Ask, label: str, stream: bool) -> None:
    stage.vllm.script = good(label)
    await stage.start(limits=PATIENT)
    await ask()
    await only_the_cache_answers(stage)

    answer = await ask(stream=stream)

    assert 0 <= int(answer.headers["age"]) < 60 and answer.headers["cache-status"] == "switchyard; hit"


@MODES
@pytest.mark.parametrize("status", [400, 415, 422])
async def test_what_the_model_refuses(stage: Stage, ask: Ask, label: str, stream: bool, status: int) -> None:
    stage.vllm.script = speech.error(status)
    await stage.start(limits=replace(PATIENT, output_tokens=5))

    answer = await ask(stream=stream)

    assert (answer.status, answer.headers["x-switchyard-tier"]) == (status, "vllm")


@pytest.mark.parametrize(
    ("status", "fields", "headers"),
    [
        (400, {"n": 0}, {}),
        (400, {}, {"x-request-deadline-seconds": "soon"}),
        (400, {"stop": json.loads("[" * 65 + "]" * 65)}, {}),
        (401, {}, {"authorization": "Bearer sk-other"}),
        (404, {"model": "other"}, {}),
        (413, {"user": "x" * 3 * 1024 * 1024}, {}),
    ],
)
async def test_what_the_gateway_refuses(
    stage: Stage, ask: Ask, status: int, fields: dict[str, Any], headers: dict[str, str]
) -> None:
    await stage.start(limits=PATIENT)

    assert (await ask(headers=headers, **fields)).status == status


@pytest.mark.parametrize(
    ("limits", "header"),
    [
        ({"requests_per_minute": 1}, "x-ratelimit-limit-requests"),
        ({"tokens_per_minute": 300}, "x-ratelimit-limit-tokens"),
        ({"tokens_per_minute": 5}, "x-should-retry"),
    ],
)
async def test_a_key_that_has_used_what_it_may(
    stage: Stage, ask: Ask, label: str, limits: dict[str, Any], header: str
) -> None:
    stage.vllm.script = good(label)
    await stage.start(limits=replace(PATIENT, output_tokens=200))
    stage.gateway.parts.standing.keyring.replace({digest(b"sk-bob"): Key("bob", **limits)})

    answers = [await ask(headers=LIMITED) for _ in range(24)]  # enough, wherever among them a minute ends

    refused = next(answer for answer in answers if answer.status == 429)
    assert header in refused.headers


@MODES
async def test_nobody_answers(stage: Stage, ask: Ask, stream: bool) -> None:
    stage.vllm.script = stage.openai.script = [RESET]
    await stage.start(openai=texts.account(stage), limits=replace(PATIENT, output_tokens=5))

    answer = await ask(stream=stream, top_k=3)

    assert (answer.status, answer.headers["x-switchyard-fallback-reason"]) == (502, "reset")


@pytest.mark.parametrize("external", [False, True])
async def test_not_now(stage: Stage, ask: Ask, external: bool) -> None:
    stage.vllm.script = stage.openai.script = speech.error(503, headers=["retry-after: 3"])
    await stage.start(external=external, limits=PATIENT)

    answer = await ask()

    assert (answer.status, answer.headers["retry-after"]) == (503, "3")


@pytest.mark.parametrize("path", ["/v1/models", "/health", "/ready"])
async def test_what_asks_no_model(stage: Stage, path: str) -> None:
    await stage.start(limits=PATIENT)

    answer = await stage.request("GET", path)

    assert answer.status == 200
    assert header_problems(f"GET {path}", 200, answer.headers) == []


async def test_a_task_that_stops_and_one_without_its_keys(stage: Stage) -> None:
    await stage.start(limits=PATIENT)
    refused = await stage.request("GET", "/v1/models", headers={"authorization": "Bearer sk-other"})
    assert header_problems("GET /v1/models", refused.status, refused.headers) == []
    stage.gateway.drain.begin()

    answer = await stage.request("GET", "/ready")

    assert answer.status == 503
    assert header_problems("GET /ready", 503, answer.headers) == []
