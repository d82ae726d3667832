"""What this task knows beside its requests, kept up to date by jobs: keys, limits, costs, switches, the other tasks,
and whether its release is live.

A table that fails leaves all of it as it was. Nothing here is waited for by a request.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Mapping
from typing import Protocol

from gateway import live, reporting, switches
from gateway.keys import keyring
from gateway.keys.key import Key
from gateway.keys.keyring import KeyPoll, Keyring
from gateway.limits import key_limits
from gateway.limits.key_limits import KeyLimits
from gateway.live import Live
from gateway.metering import meter
from gateway.metering.meter import Meter
from gateway.outcome import TierName
from gateway.periodic import Periodic
from gateway.reporting import ReportedBreaker, Reporter
from gateway.settings import SMOKE_KEY_NAME, Price, Settings
from gateway.switches import Switches
from gateway.tables.opened import OpenTables, open_tables

_FLUSH_SECONDS = 2.0
# A table that does not answer may keep a task from its first requests for so long, and no longer.
_FIRST_READING_SECONDS = 5.0


class StandingBreaker(ReportedBreaker, Protocol):
    """A breaker that can be told to forget."""

    def reset(self) -> None: ...


class Standing:
    """Made without asking anybody; up to date from `start` to `stop`. `tables`: others than those of the settings."""

    def __init__(self, settings: Settings, tables: OpenTables | None = None) -> None:
        self.tables = tables = tables or open_tables(settings)
        self.keyring = Keyring(settings.api_keys, has_table=tables.keys is not None)
        self.meter = Meter(tables.usage, prices(settings))
        self.switches = Switches(tables.usage)
        self.reporter = Reporter(tables.usage, settings, self.switches)
        self.limits = KeyLimits(tables.usage, lambda: self.reporter.serving_tasks, self.meter.month_nano_usd)
        self.live = Live(tables.ledger, settings.release)
        self._report = Periodic("reporting this task", reporting.REPORT_SECONDS, self.reporter.report)
        self.first_reading_seconds = _FIRST_READING_SECONDS
        self._started_at = math.inf
        self._readings = self._new_readings()
        self.jobs = [*self._readings, *self._additions(), self._report]

    @property
    def is_live(self) -> bool:
        return self.live.is_live

    @property
    def is_informed(self) -> bool:
        """Whether each table was read once, or has failed to be, or takes too long. A task that takes requests before
        would refuse good keys, and ask a tier that is switched off."""
        is_late = time.monotonic() >= self._started_at + self.first_reading_seconds
        return is_late or all(job.has_run for job in self._readings)

    def watch(self, breakers: Mapping[TierName, StandingBreaker]) -> None:
        """These are reported, and reset by operators' orders."""
        self.reporter.breakers = breakers
        self.switches.on_reset = lambda tier: breakers[tier].reset() if tier in breakers else None

    def breaker_changed(self, *_: object) -> None:
        """Whoever asks for the breakers' state should not wait for the rhythm."""
        self._report.hurry()

    def answered(self, key: Key) -> None:
        """A request with this key was answered."""
        if key.name != SMOKE_KEY_NAME:
            self.reporter.answered()

    async def start(self) -> None:
        self._started_at = time.monotonic()
        for job in self.jobs:
            job.start()

    async def stop(self) -> None:
        """After the last request: adds what is still to be added, within 4 s. What could not be added is logged."""
        await asyncio.gather(*(job.stop() for job in self.jobs))
        last = (self.meter.settle(), self.limits.settle(), self.reporter.withdraw())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await asyncio.gather(*last, return_exceptions=True)
        self.meter.tell_loss()
        self.tables.close()

    def _new_readings(self) -> list[Periodic]:
        found = [Periodic("reading the switches", switches.POLL_SECONDS, self.switches.poll)]
        if self.tables.keys is not None:
            poll = KeyPoll(self.tables.keys, self.keyring).poll
            found.append(Periodic("reading the keys", keyring.POLL_SECONDS, poll))
        if self.tables.ledger is not None:
            found.append(Periodic("reading what is live", live.POLL_SECONDS, self.live.poll))
        return [*found, Periodic("reading the month's costs", meter.REFRESH_SECONDS, self.meter.refresh)]

    def _additions(self) -> list[Periodic]:
        return [
            Periodic("settling the limits", key_limits.SETTLE_SECONDS, self.limits.settle),
            Periodic("adding what was used", meter.SETTLE_SECONDS, self.meter.settle),
        ]


def prices(settings: Settings) -> dict[TierName, Price]:
    """By tier; the cache costs nothing."""
    found = {TierName.VLLM: settings.vllm_price}
    return found if settings.openai is None else {**found, TierName.OPENAI: settings.openai.price}
