"""Setting switches and waiting until every task that reports has seen it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from scripts.errors import AwsFailed, ConditionFailed, HalfWay, Transient
from scripts.release.ledger import stamp
from scripts.release.ports import Clock, Voice
from scripts.shared_items import Shared, Write
from scripts.switches import item, task_report
from scripts.switches.item import Setting
from scripts.switches.standing import Standing, follows
from scripts.switches.task_report import TaskReport
from scripts.switches.tier import EVERY, Modes, Tier, Upstream, changes
from scripts.task_names import TaskName, command_line

# A task looks every 2 s and reports every 5 s.
PATIENCE_SECONDS = 15.0
_LOOK_SECONDS = 1.0
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Panel:
    """The switches of one environment. `who` is written beside each change."""

    environment: str
    table: Shared
    clock: Clock
    voice: Voice
    who: str
    present: tuple[Tier, ...] = EVERY

    def look(self) -> Standing:
        switches = item.read(self.table.query(item.PARTITION))
        tasks = task_report.all_of(self.table.query(task_report.PARTITION), self.clock.now())
        return Standing(self.environment, switches, tasks, self.present)

    def mode_writes(self, before: Modes, after: Modes, reason: str) -> list[Write]:
        """Nothing for a tier that stays as it is: who set it when is kept."""
        at = stamp(self.clock)
        return [
            item.mode_write(tier, Setting(mode, self.who, at, reason)) for tier, mode in changes(before, after).items()
        ]

    def reset_number(self, found: Standing, upstream: Upstream) -> int:
        """Higher than every number before, even where another machine's clock was ahead."""
        now = int(self.clock.now().timestamp() / _MILLISECOND.total_seconds())
        return max(now, found.switches.numbers[upstream] + 1)

    def set_modes(self, writes: list[Write], after: Modes) -> Standing:
        """Raises HalfWay where a task does not follow in time."""
        with self.voice.step("set", "writing the switches"):
            for done, write in enumerate(writes):
                self._write(write, after_another=done > 0)
        return self._followed(lambda task: all(follows(task, tier, mode) for tier, mode in after.items()))

    def reset(self, upstream: Upstream, number: int) -> Standing:
        """Raises HalfWay as `set_modes` does."""
        with self.voice.step("set", f"resetting the breaker of {upstream}"):
            try:
                self._write(item.reset_write(upstream, number))
            except ConditionFailed:
                self.voice.say("somebody reset it in the same moment, which is as good")
        return self._followed(
            lambda task: upstream not in task.breakers or task.breakers[upstream].reset_number >= number
        )

    def _write(self, write: Write, *, after_another: bool = False) -> None:
        """Raises HalfWay where it, or one before it, may have changed something."""
        try:
            self.table.write(write)
        except ConditionFailed:
            raise
        except (KeyboardInterrupt, AwsFailed) as error:
            if isinstance(error, AwsFailed) and not isinstance(error, Transient) and not after_another:
                raise
            raise self._unsure(str(error) or "stopped by a signal") from None

    def _followed(self, has_seen: Callable[[TaskReport], bool]) -> Standing:
        with self.voice.step("wait", "waiting until every gateway task has seen it"):
            try:
                return self._wait(has_seen)
            except (KeyboardInterrupt, AwsFailed) as error:
                raise self._unsure(str(error) or "stopped by a signal") from None

    def _wait(self, has_seen: Callable[[TaskReport], bool]) -> Standing:
        ends = self.clock.monotonic() + PATIENCE_SECONDS
        while True:
            found = self.look()
            late = [task.task for task in found.fresh if not has_seen(task)]
            if not late:
                return found
            if self.clock.monotonic() >= ends:
                raise self._late(late)
            self.clock.sleep(_LOOK_SECONDS)

    def _unsure(self, why: str) -> HalfWay:
        return HalfWay(
            f"the switches may have been written, and nobody waited for the tasks ({why})",
            command_line(TaskName.BREAKER_STATUS, self.environment),
        )

    def _late(self, late: list[str]) -> HalfWay:
        return HalfWay(
            f"it is written, and after {PATIENCE_SECONDS:.0f} s {', '.join(late)} did not say to have seen it; a task "
            "that cannot read its table goes on as before",
            command_line(TaskName.BREAKER_STATUS, self.environment),
        )
