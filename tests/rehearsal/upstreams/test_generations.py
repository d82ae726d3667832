"""The log of completed generations, written by many processes and read by one."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rehearsal import generations
from rehearsal.generations import VARIABLE, GenerationLog, Upstream


def test_what_is_recorded_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "generations.jsonl"
    before = time.time()
    log = GenerationLog.of({VARIABLE: str(path)})
    log.record("r1", Upstream.VLLM, "blue", "m")
    log.record("r1", Upstream.OPENAI, None, "gpt")
    first, second = generations.read(path)
    assert (first.request_id, first.upstream, first.colour, first.model) == ("r1", Upstream.VLLM, "blue", "m")
    assert (second.upstream, second.colour) == (Upstream.OPENAI, None)
    assert before <= first.at <= second.at <= time.time()


def test_a_line_has_the_agreed_fields(tmp_path: Path) -> None:
    path = tmp_path / "generations.jsonl"
    GenerationLog(path).record("r1", Upstream.VLLM, None, "m")
    assert set(json.loads(path.read_text())) == {"request_id", "upstream", "colour", "model", "at"}


def test_without_the_variable_nothing_is_written() -> None:
    GenerationLog.of({}).record("r1", Upstream.VLLM, "blue", "m")
    GenerationLog.of({VARIABLE: ""}).record("r1", Upstream.VLLM, "blue", "m")


def test_before_the_first_answer_there_are_none(tmp_path: Path) -> None:
    assert generations.read(tmp_path / "generations.jsonl") == []


def test_writers_never_tear_each_others_lines(tmp_path: Path) -> None:
    path = tmp_path / "generations.jsonl"
    with ThreadPoolExecutor(8) as pool:
        for writer in range(8):
            pool.submit(lambda writer=writer: [_write(path, f"{writer}-{n}") for n in range(100)])
    assert len({entry.request_id for entry in generations.read(path)}) == 800


def _write(path: Path, request_id: str) -> None:
    GenerationLog(path).record(request_id, Upstream.VLLM, "green", "m")
