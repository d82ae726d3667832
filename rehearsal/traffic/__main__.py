"""The generator as a process of its own: runs until SIGTERM or Ctrl-C, then lets the requests in flight end."""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Sequence

from rehearsal import answers
from rehearsal.traffic import settings as traffic_settings
from rehearsal.traffic.client import PATIENCE, Client, Target
from rehearsal.traffic.connections import Connections
from rehearsal.traffic.errors import TrafficError
from rehearsal.traffic.generator import Generator
from rehearsal.traffic.plan import Plan
from rehearsal.traffic.record import RecordFile
from rehearsal.traffic.settings import TrafficSettings


def main(arguments: Sequence[str]) -> int:
    """Send traffic until stopped. Exits 1 with one sentence when a setting cannot be used."""
    try:
        settings = traffic_settings.read(arguments, os.environ)
        with RecordFile(settings.out) as records:
            asyncio.run(_run(settings, records))
    except (TrafficError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _run(settings: TrafficSettings, records: RecordFile) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Connections(settings.tls, settings.connection_lifetime_seconds, PATIENCE) as connections:
        client = Client(Target(settings.url, settings.model, settings.api_key), connections, _answer)
        await Generator(_plan(settings), client, records).run(stop)


def _plan(settings: TrafficSettings) -> Plan:
    return Plan(
        run=secrets.token_hex(4),
        nodes=settings.nodes,
        rate_per_second=settings.rate_per_second,
        stream_share=settings.stream_share,
        fresh_share=settings.fresh_share,
    )


def _answer(prompt: str, max_tokens: int) -> str:
    return "".join(answers.answer(prompt, max_tokens))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
