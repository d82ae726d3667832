"""Answers that are in the cache, in front of upstreams that give none."""

from tests.gateway import speech
from tests.gateway.stage import Stage


async def only_the_cache_answers(stage: Stage) -> None:
    """What was answered so far is kept, and from now on nobody else answers."""
    cache = stage.gateway.parts.cache
    assert cache is not None
    await cache.stop()  # writes what waits
    stage.vllm.script = stage.openai.script = speech.error(503)
