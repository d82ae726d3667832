"""The limits of one upstream's answer, where they meet its end."""

import asyncio

from gateway.tiers.answer import Answer
from gateway.upstream.reply import Reply
from gateway.watch import Watch

IDLE_SECONDS = 0.05
CONTENT = b'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n'


class Connection:
    """Of an upstream that says all that it has."""

    def abort(self) -> None:
        """Nothing is left."""

    pause = resume = abort


async def test_a_client_that_is_slow_to_read_the_end_is_not_its_upstreams_silence() -> None:
    reply = Reply(Connection(), asyncio.get_running_loop())
    reply.begin(200, "text/event-stream", None)
    watch = Watch(60)
    answer = Answer(reply, 1, watch, IDLE_SECONDS)
    with watch:
        for piece in (CONTENT, b"data: [DONE]\n\n"):
            reply.feed(piece)
            await answer.events()
        assert answer.complete
        await asyncio.sleep(3 * IDLE_SECONDS)  # as long as the client takes
    watch.close()
