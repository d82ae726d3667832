"""A whole rehearsal from nothing to the report: up, play, count, tell, down."""

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from rehearsal import report
from rehearsal.errors import RehearsalError
from rehearsal.report import Fallback, Machine, Permissions, ReportFacts, ReportPaths, Resources
from rehearsal.settings import RehearsalSettings
from rehearsal.story.limits import NOT_PROVEN
from rehearsal.story.load import Load
from rehearsal.story.player import Played, Player
from rehearsal.story.script import STORIES, Scene, Step
from rehearsal.story.taken_away import TakenAway
from rehearsal.supervise import hold
from rehearsal.traffic.accounting import Account
from rehearsal.world import World

DEFAULT_RATE = 8.0


@dataclass(frozen=True)
class Outcome:
    """A rehearsal that ran to its end. `problems` is empty when nothing was lost and every step was right."""

    account: Account
    fallback: Fallback | None
    paths: ReportPaths
    passed: bool
    problems: tuple[str, ...]

    @property
    def table(self) -> str:
        return report.terminal_table(self.account, self.fallback)

    @property
    def summary(self) -> str:
        """The run in one sentence."""
        return report.headline(self.account)


@dataclass(frozen=True)
class Order:
    """Which story, with how much traffic, and after how many minutes no further step begins (None: play all)."""

    story: str = "release"
    rate_per_second: float = DEFAULT_RATE
    minutes: float | None = None


def run(settings: RehearsalSettings, order: Order, say: Callable[[str], None]) -> Outcome:
    """Play a story. Raises RehearsalError when it cannot start, or was stopped."""
    telling = _Telling(settings, order, say)
    hold(settings, say, telling.tell)
    if telling.outcome is None:
        raise RehearsalError("the rehearsal was stopped before its end: nothing was left behind, run it again")
    return telling.outcome


class _Telling:
    """One telling of a story in a world that is up."""

    def __init__(self, settings: RehearsalSettings, order: Order, say: Callable[[str], None]) -> None:
        self._settings, self._order, self._say = settings, order, say
        self._began = time.monotonic()
        self.outcome: Outcome | None = None

    def tell(self, world: World) -> None:
        load = Load(world, self._order.rate_per_second)
        away = TakenAway(world.openai_counts, world.gpu_usd_per_hour)
        try:
            played = self._play(STORIES[self._order.story](), Player(self._settings.folder, self._indented), load, away)
        finally:
            load.stop()
        facts = world.facts()
        account = load.account([entry.window for entry in played], away.outage)
        told = self._facts(facts, away.fallback)
        paths = report.write(self._settings.folder, account, told)
        self.outcome = Outcome(
            account, told.fallback, paths, report.passed(account, told), _problems(account, played, told)
        )
        world.ask_to_stop()

    def _play(self, steps: Iterator[Step], player: Player, load: Load, away: TakenAway) -> list[Played]:
        played: list[Played] = []
        for step in steps:
            if self._time_is_up():
                break
            self._say(f"[{len(played) + 1}] {step.name}")
            away.before(step)
            played.append(player.play(step))
            if played[-1].problem:
                self._say(f"    WRONG: {played[-1].problem}")
                break
            if fallback := away.after(step, played[-1].answer, played[-1].window.ended_at):
                self._say(f"    {report.stood_in(fallback)}")
            if step.scene is Scene.LOAD_STARTS:
                self._say(f"    load starts: {self._order.rate_per_second:g} requests a second, half of them streams")
                load.start()
        return played

    def _time_is_up(self) -> bool:
        minutes = self._order.minutes
        return minutes is not None and time.monotonic() - self._began > minutes * 60

    def _indented(self, line: str) -> None:
        self._say(f"    {line}")

    def _facts(self, facts: dict[str, Any], fallback: Fallback | None) -> ReportFacts:
        resources, judged = facts["resources"], facts["permissions"].items()
        return ReportFacts(
            story=self._order.story,
            resources=Resources(resources["realised"], tuple(resources["accepted_only"])),
            permissions=tuple(Permissions(r, tuple(of["denied"]), tuple(of["unused"])) for r, of in judged),
            not_proven=NOT_PROVEN,
            machine=_machine(facts["peak_memory_mb"], self._settings.folder, time.monotonic() - self._began),
            fallback=fallback,
        )


def _problems(account: Account, played: list[Played], facts: ReportFacts) -> tuple[str, ...]:
    total = account.total
    counts = {"lost": total.lost, "cut": total.cut, "duplicated": total.duplicated, "refused": total.refused}
    found = [f"{number} requests {what}" for what, number in counts.items() if number]
    found += report.origin_problems(account) + report.outage_problems(account, facts.fallback)
    found += [f"{entry.window.name}: {entry.problem}" for entry in played if entry.problem]
    found += [f"the {role} called {action}, which its policies do not allow" for role, action in facts.denied]
    if not total.requests:
        found.append("no request was sent, so nothing is proven")
    return tuple(found)


def _machine(peak_memory_mb: float, folder: Path, seconds: float) -> Machine:
    installed = folder / "install_seconds"
    return Machine(
        cores=os.cpu_count() or 1,
        memory_mb=round(psutil.virtual_memory().total / 1e6),
        python=platform.python_version(),
        kernel=f"{sys.platform} {platform.release()} {platform.machine()}",
        peak_memory_mb=peak_memory_mb,
        install_seconds=float(installed.read_text()) if installed.exists() else None,
        rehearsal_seconds=round(seconds, 1),
    )
