"""A gateway in a thread with a loop of its own, for tests that talk to it from blocking code.

Its upstreams answer whatever they are asked, as vLLM and OpenAI would.
"""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.gateway import speech
from tests.gateway.conformance import texts
from tests.gateway.stage import LIMITS, Stage, open_stage
from tests.gateway.upstream import Script, Seen

MOST_CHOICES = 128
START_SECONDS = 10.0
PATIENT = replace(LIMITS, connect_seconds=2.0, first_content_seconds=4.0, idle_seconds=4.0)
"""A machine with much else to do is slow, not silent."""


@dataclass
class Background:
    """A serving gateway. `complaints`: what was logged as an error or with a traceback."""

    stage: Stage
    complaints: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.stage.port

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def background_gateway(**changes: Any) -> Iterator[Background]:
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        opened = open_stage()
        stage = runner.run(opened.__aenter__())
        stage.vllm.script = stage.openai.script = obliging
        runner.run(stage.start(**{"limits": PATIENT, **changes}))
        thread = threading.Thread(target=loop.run_forever, name="gateway")
        thread.start()
        serving = Background(stage)
        try:
            with _listening(serving.complaints):
                yield serving
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(START_SECONDS)
            runner.run(opened.__aexit__(None, None, None))


def obliging(seen: Seen) -> Script:
    """As many choices as were asked for; a refusal where vLLM would refuse."""
    wanted = seen.body.get("n") or 1
    if wanted > MOST_CHOICES:
        return speech.error(400, "n is too large")
    if "prompt" in seen.body:
        prompts = texts.prompts(seen.body["prompt"])
        return texts.streamed(choices=wanted * prompts) if prompts else speech.error(400, "that is no prompt")
    choices = [speech.text("Hello", finish="stop", index=index) for index in range(wanted)]
    return [speech.HEAD, b"".join([*choices, speech.usage(), speech.DONE]), speech.END]


class _Collector(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self._lines.append(self.format(record))


@contextmanager
def _listening(lines: list[str]) -> Iterator[None]:
    collector = _Collector(lines)
    logging.getLogger().addHandler(collector)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(collector)
