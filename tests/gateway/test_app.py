"""What every request passes: paths, methods, keys, bodies, models, headers."""

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from gateway.settings import Limits

from tests.gateway import speech
from tests.gateway.stage import KEY, Stage
from tests.gateway.upstream import PAUSE


async def test_health_and_ready_need_no_key_and_are_not_logged(stage: Stage) -> None:
    await stage.start()

    for path in ("/health", "/ready"):
        answer = await stage.request("GET", path, headers={"authorization": ""})
        assert (answer.status, answer.json) == (200, {"status": "ok"})
        assert answer.headers["x-switchyard-release"] == "r-0001"
    assert stage.logged() == []


async def test_models_lists_the_served_model(stage: Stage) -> None:
    await stage.start()

    answer = await stage.request("GET", "/v1/models")

    assert [model["id"] for model in answer.json["data"]] == [speech.MODEL]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer sk-alic", "Bearer sk-alicee", f"Basic {KEY}"]
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/chat/completions"), ("GET", "/v1/models")])
async def test_an_unknown_key_gets_401(stage: Stage, method: str, path: str, authorization: str) -> None:
    await stage.start()

    answer = await stage.request(method, path, headers={"authorization": authorization})

    assert answer.status == 401
    assert answer.error["code"] == "invalid_api_key"
    assert stage.vllm.seen == []


@pytest.mark.parametrize("path", ["/", "/v1/embeddings", "/v1/chat/completions/", "/metrics"])
async def test_an_unknown_path_gets_404_in_openais_shape(stage: Stage, path: str) -> None:
    await stage.start()

    answer = await stage.request("POST", path)

    assert answer.status == 404
    assert set(answer.error) == {"message", "type", "param", "code"}


async def test_a_wrong_method_gets_405_and_the_right_one(stage: Stage) -> None:
    await stage.start()

    answer = await stage.request("GET", "/v1/chat/completions")

    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert answer.error["type"] == "invalid_request_error"


async def test_an_unknown_model_gets_404(stage: Stage) -> None:
    await stage.start()

    answer = await stage.ask(model="gpt-5")

    assert (answer.status, answer.error["code"], answer.error["param"]) == (404, "model_not_found", "model")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"messages": [{}]}',
        b'{"model": "test-model"}',
        b'{"model": "test-model", "messages": []}',
        b'{"model": "test-model", "messages": "hi"}',
        b'{"model": 1, "messages": [{}]}',
        b'{"model": "test-model", "messages": [{}], "stream": "yes"}',
        b'{"model": "test-model", "messages": [{}], "n": 0}',
    ],
)
async def test_a_body_that_is_no_request_gets_400(stage: Stage, body: bytes) -> None:
    await stage.start()

    answer = await stage.request("POST", "/v1/chat/completions", data=body)

    assert answer.status == 400
    assert answer.error["type"] == "invalid_request_error"


async def test_a_body_that_says_that_it_is_over_the_limit_gets_413(stage: Stage) -> None:
    await stage.start()

    answer = await stage.request("POST", "/v1/chat/completions", data=io.BytesIO(b"x" * 3 * 1024 * 1024))

    assert (answer.status, answer.error["code"]) == (413, "request_too_large")
    assert (await stage.request("GET", "/v1/models")).status == 200


async def test_a_body_that_grows_over_the_limit_gets_413(stage: Stage) -> None:
    await stage.start()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 1024 * 1024

    answer = await stage.request("POST", "/v1/chat/completions", data=endless())

    assert (answer.status, answer.error["code"]) == (413, "request_too_large")


async def test_a_body_over_the_limit_is_refused_before_it_is_sent(stage: Stage) -> None:
    await stage.start()

    assert await _status_of_a_request_without_its_body(stage, declared_bytes=3 * 1024 * 1024) == b"413"


async def test_a_body_that_does_not_come_gets_408(stage: Stage) -> None:
    await stage.start()

    assert await _status_of_a_request_without_its_body(stage, declared_bytes=9) == b"408"


async def test_a_body_that_does_not_come_before_its_clients_deadline_is_the_deadlines_matter(stage: Stage) -> None:
    await stage.start()
    deadline = "x-request-deadline-seconds: 0.05"

    assert await _status_of_a_request_without_its_body(stage, 9, deadline) == b"502"


async def test_an_answer_says_what_gave_it(stage: Stage) -> None:
    stage.vllm.script = speech.stream()
    await stage.start()

    for stream in (False, True):
        headers = (await stage.ask(stream=stream)).headers
        assert headers["x-switchyard-release"] == "r-0001"
        assert headers["x-switchyard-colour"] == "blue"
        assert headers["x-switchyard-model-colour"] == "green"
        assert headers["x-switchyard-tier"] == "vllm"
        assert "x-switchyard-fallback-reason" not in headers


async def test_a_request_id_goes_all_the_way_and_back(stage: Stage) -> None:
    stage.vllm.script = speech.error(503)
    stage.openai.script = speech.completion()
    await stage.start()

    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    parent = f"00-{trace_id}-00f067aa0ba902b7-01"
    answer = await stage.ask(headers={"x-request-id": "req-1", "traceparent": parent})

    assert answer.headers["x-request-id"] == "req-1"
    for upstream in (stage.vllm, stage.openai):
        assert upstream.only.headers["x-request-id"] == "req-1"
        assert upstream.only.headers["traceparent"].startswith(f"00-{trace_id}-")
    assert stage.logged()[0]["trace_id"] == trace_id


async def test_another_company_hears_of_a_request_its_id_and_its_trace_and_nothing_else(stage: Stage) -> None:
    stage.vllm.script = speech.error(503)
    stage.openai.script = speech.completion()
    await stage.start()
    tracing = {"traceparent": f"00-{'4b' * 16}-{'0f' * 8}-01", "tracestate": "vendor=who", "baggage": "user=alice"}

    await stage.ask(headers={**tracing, "x-request-id": "req-1", "user-agent": "secret/1", "cookie": "a=b"})

    assert stage.vllm.only.headers["tracestate"] == "vendor=who"
    of_every_request = {"host", "content-length", "content-type", "authorization"}
    assert set(stage.openai.only.headers) - of_every_request == {"x-request-id", "traceparent"}


@pytest.mark.parametrize("given", ["", "has space", "x" * 129])
async def test_a_missing_or_unfit_request_id_is_replaced(stage: Stage, given: str) -> None:
    stage.vllm.script = speech.stream()
    await stage.start()

    answer = await stage.ask(headers={"x-request-id": given})

    made = answer.headers["x-request-id"]
    assert made != given and len(made) == 32
    assert stage.vllm.only.headers["x-request-id"] == made


async def test_no_upstream_gets_what_is_not_meant_for_it(stage: Stage) -> None:
    stage.vllm.script = speech.error(503)
    stage.openai.script = speech.completion()
    await stage.start()

    secret = {"x-switchyard-preview": "token", "x-switchyard-preview-colour": "blue", "cookie": "a=b"}
    await stage.ask(headers=secret)

    assert "authorization" not in stage.vllm.only.headers
    assert stage.openai.only.headers["authorization"] == "Bearer sk-openai"
    for upstream in (stage.vllm, stage.openai):
        assert not secret.keys() & upstream.only.headers.keys()
        assert KEY not in str(upstream.only.headers)


async def test_openai_gets_its_own_model_and_only_parameters_that_it_knows(stage: Stage) -> None:
    stage.vllm.script = speech.error(503)
    stage.openai.script = speech.completion()
    await stage.start()

    answer = await stage.ask(top_k=4, min_p=0.1, temperature=0, stream_options={"include_usage": True})

    body = stage.openai.only.body
    assert body["model"] == "gpt-4o"
    assert body["temperature"] == 0
    assert not {"top_k", "min_p"} & body.keys()
    assert answer.headers["x-switchyard-dropped-parameters"] == "min_p,top_k"
    assert stage.vllm.only.body["top_k"] == 4


async def test_a_fault_of_the_gateway_itself_is_a_500_in_openais_shape(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.start()
    stage.gateway.parts.app._keyring = None  # type: ignore[assignment]

    answer = await stage.ask()

    assert (answer.status, answer.error["code"]) == (500, "internal_error")
    assert answer.headers["x-request-id"] in caplog.text


async def test_metrics_have_no_door_on_the_public_port_and_no_other_page_on_theirs(stage: Stage) -> None:
    await stage.start()
    url = f"http://127.0.0.1:{stage.gateway.metrics.port}/health"

    async with stage.client.get(url) as reply:
        assert reply.status == 404
    assert (await stage.request("GET", "/metrics")).status == 404


async def test_many_requests_at_once_keep_their_answers(stage: Stage) -> None:
    stage.vllm.script = [speech.HEAD, speech.text("Hel"), PAUSE, speech.text("lo", finish="stop"), speech.END]
    await stage.start(limits=Limits())  # this is not about time

    answers = await asyncio.gather(*(stage.ask(stream=bool(n % 2)) for n in range(40)))

    texts = {
        answer.said if n % 2 else answer.json["choices"][0]["message"]["content"] for n, answer in enumerate(answers)
    }
    assert texts == {"Hello"}
    assert len(stage.logged()) == 40


async def _status_of_a_request_without_its_body(stage: Stage, declared_bytes: int, *headers: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
    writer.write("\r\n".join([f"{head}content-length: {declared_bytes}", *headers, "", ""]).encode())
    status_line = await reader.readline()
    writer.close()
    return status_line.split()[1]
