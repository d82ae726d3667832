"""Every way in which an answer can be spoiled is found by the real client, and called by its right name."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from rehearsal.traffic.record import Outcome
from tests.rehearsal.traffic.conftest import Observe, generate
from tests.rehearsal.traffic.door import (
    HEADERS,
    Behaviour,
    chunk,
    expected_text,
    hang_up,
    send_events,
    stream_of,
    well,
    whole,
)

Body = dict[str, Any]


@pytest.mark.parametrize("stream_share", [0, 1])
async def test_a_complete_correct_answer_is_answered(observe: Observe, stream_share: float) -> None:
    records = await observe(well, stream_share=stream_share)
    assert len(records) >= 3
    assert {record.outcome for record in records} == {Outcome.ANSWERED}
    assert {(r.status, r.colour, r.model_colour, r.release, r.tier) for r in records} == {
        (200, "blue", "green", "r-1", "vllm")
    }
    assert all((record.first_token_ms is not None) == record.streaming for record in records)


async def _refuse(request: web.Request, body: Body) -> web.StreamResponse:
    return web.json_response({"error": {"message": "too many requests", "type": "x"}}, status=429, headers=HEADERS)


async def _bare_404(request: web.Request, body: Body) -> web.StreamResponse:
    return web.Response(status=404, text="fault filter")


async def _unavailable(request: web.Request, body: Body) -> web.StreamResponse:
    return web.json_response({"error": {"message": "no healthy upstream"}}, status=503)


async def _reset(request: web.Request, body: Body) -> web.StreamResponse:
    hang_up(request)
    return web.Response()


async def _hang(request: web.Request, body: Body) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response()


async def _redirect(request: web.Request, body: Body) -> web.StreamResponse:
    return web.Response(status=302, headers={"location": "/elsewhere"})


@pytest.mark.parametrize("stream_share", [0, 1])
@pytest.mark.parametrize(
    ("behave", "outcome", "said"),
    [
        (_refuse, Outcome.REFUSED, "status 429: too many requests"),
        (_bare_404, Outcome.LOST, "status 404: fault filter"),
        (_unavailable, Outcome.LOST, "status 503: no healthy upstream"),
        (_redirect, Outcome.LOST, "status 302"),
        (_reset, Outcome.LOST, "ServerDisconnected"),
        (_hang, Outcome.LOST, "client time-out after 1.2 s"),
    ],
)
async def test_a_request_without_an_answer_is_refused_or_lost(
    observe: Observe, behave: Behaviour, outcome: Outcome, said: str, stream_share: float
) -> None:
    records = await observe(behave, stream_share=stream_share)
    assert records
    assert {record.outcome for record in records} == {outcome}
    assert all(said in str(record.error) for record in records)


async def _half_json(request: web.Request, body: Body) -> web.StreamResponse:
    return web.Response(body=bytes(whole(expected_text(body)).body)[:-9], content_type="application/json")  # type: ignore[arg-type]


async def _fewer_bytes_than_said(request: web.Request, body: Body) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-length": "5000"})
    await response.prepare(request)
    await response.write(b'{"choices": [')
    await asyncio.sleep(0.02)
    hang_up(request)
    return response


async def _shortened(request: web.Request, body: Body) -> web.StreamResponse:
    return whole(expected_text(body)[:-5])


async def _mixed(request: web.Request, body: Body) -> web.StreamResponse:
    return whole(expected_text(body)[:20] + "somebody else's words" + expected_text(body)[20:])


async def _aborted(request: web.Request, body: Body) -> web.StreamResponse:
    return whole(expected_text(body), finish="abort")


async def _error_as_200(request: web.Request, body: Body) -> web.StreamResponse:
    return web.json_response({"error": {"message": "late"}})


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        (_half_json, "not a chat completion"),
        (_fewer_bytes_than_said, "ClientPayloadError"),
        (_shortened, "wrong text"),
        (_mixed, "from character 20"),
        (_aborted, "finish_reason"),
        (_error_as_200, "not a chat completion"),
    ],
)
async def test_a_whole_answer_that_is_not_complete_and_correct_is_lost(
    observe: Observe, behave: Behaviour, said: str
) -> None:
    records = await observe(behave, stream_share=0)
    assert records
    assert {record.outcome for record in records} == {Outcome.LOST}
    assert all(said in str(record.error) for record in records)


async def _no_done(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, stream_of(body)[:-1])


async def _no_terminal_chunk(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body)[:-3], "[DONE]"])


async def _killed_mid_stream(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, stream_of(body)[:3], abort=True)


async def _late_error(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body)[:3], '{"error": {"message": "engine died"}}', "[DONE]"])


async def _error_after_everything(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body), '{"error": {"message": "engine died"}}'])


async def _said_twice(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body), *stream_of(body)])


async def _mixed_stream(request: web.Request, body: Body) -> web.StreamResponse:
    events = stream_of(body)
    return await send_events(request, [*events[:2], chunk({"content": "foreign"}), *events[2:]])


async def _missing_chunk(request: web.Request, body: Body) -> web.StreamResponse:
    events = stream_of(body)
    return await send_events(request, events[:2] + events[3:])


async def _half_an_event(request: web.Request, body: Body) -> web.StreamResponse:
    events = stream_of(body)
    return await send_events(request, [*events[:2], events[2][:-4], *events[3:]])


async def _stalls(request: web.Request, body: Body) -> web.StreamResponse:
    response = await send_events(request, stream_of(body)[:3])
    await asyncio.sleep(5)
    return response


async def _whole_instead(request: web.Request, body: Body) -> web.StreamResponse:
    return whole(expected_text(body))


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        (_no_done, "[DONE]"),
        (_no_terminal_chunk, "terminal chunk"),
        (_killed_mid_stream, "ClientPayloadError"),
        (_late_error, "error event: engine died"),
        (_error_after_everything, "error event: engine died"),
        (_said_twice, "one terminal chunk"),
        (_mixed_stream, "'foreign"),
        (_missing_chunk, "wrong text"),
        (_half_an_event, "an event is not JSON"),
        (_stalls, "client time-out after 1.2 s"),
        (_whole_instead, "terminal chunk"),
    ],
)
async def test_a_stream_that_does_not_end_well_is_cut(observe: Observe, behave: Behaviour, said: str) -> None:
    records = await observe(behave, stream_share=1)
    assert records
    assert {record.outcome for record in records} == {Outcome.CUT}
    assert all(said in str(record.error) for record in records)


def _incomplete(code: str = "stream_incomplete") -> str:
    return json.dumps({"error": {"message": "the answer ended before it was complete", "code": code}})


async def _told(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body)[:3], _incomplete()])


async def _told_and_done(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body)[:3], _incomplete(), "[DONE]"])


async def _told_and_reset(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body)[:3], _incomplete()], abort=True)


async def _told_too_early(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body)[:3], _incomplete(), *stream_of(body)[3:4]])


async def _told_twice(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body)[:3], _incomplete(), _incomplete()])


async def _told_after_foreign_words(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body)[:3], chunk({"content": "foreign"}), _incomplete()])


async def _told_something_else(request: web.Request, body: Body) -> web.StreamResponse:
    return await send_events(request, [*stream_of(body)[:3], _incomplete("all_tiers_failed")])


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        (_told, True),
        (_told_and_done, False),
        (_told_and_reset, False),
        (_told_too_early, False),
        (_told_twice, False),
        (_told_after_foreign_words, False),
        (_told_something_else, False),
        (_no_done, False),
        (_killed_mid_stream, False),
    ],
)
async def test_a_cut_is_told_only_by_one_error_that_ends_a_part_of_the_right_answer(
    observe: Observe, behave: Behaviour, told: bool
) -> None:
    records = await observe(behave, stream_share=1)
    assert records
    assert {(record.outcome, record.told) for record in records} == {(Outcome.CUT, told)}


async def test_a_port_where_nobody_listens_loses_the_request(tmp_path: Path, unused_tcp_port: int) -> None:
    records = await generate(tmp_path / "traffic.jsonl", (f"127.0.0.1:{unused_tcp_port}",), 0.5, 100, 0.05)
    assert records
    assert {(record.outcome, record.status) for record in records} == {(Outcome.LOST, None)}
    assert all("ConnectorError" in str(record.error) for record in records)
