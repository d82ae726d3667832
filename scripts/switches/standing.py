"""How the tiers stand on every task, in text, as an object, and in one sentence with the next command. Pure."""

from dataclasses import asdict, dataclass
from typing import Any

from scripts.switches.item import Switches
from scripts.switches.task_report import Breaker, TaskReport
from scripts.switches.tier import EVERY, Mode, Tier, Upstream, order
from scripts.task_names import TaskName, command_line

_HEADINGS = ("task", "release", "colour", "model", "serves", "age", "breakers", "modes")


@dataclass(frozen=True)
class Standing:
    """One look at the switches and at those who follow them."""

    environment: str
    switches: Switches
    tasks: tuple[TaskReport, ...]
    present: tuple[Tier, ...] = EVERY

    @property
    def fresh(self) -> tuple[TaskReport, ...]:
        return tuple(task for task in self.tasks if task.is_fresh)

    @property
    def summary(self) -> str:
        if not self.fresh:
            why = "" if not self.tasks else " lately (is this machine's clock right?)"
            return f"no gateway task reports{why}; {self._order()}"
        breakers = "; ".join(self._of(upstream) for upstream in Upstream if self._breakers(upstream))
        return f"{_tasks(len(self.fresh))}; {breakers or 'no breaker'}; {self._order()}"

    @property
    def next_command(self) -> str | None:
        """What is switched by hand comes first: it explains the rest."""
        if self._switched():
            return command_line(TaskName.FALLBACK_AUTO, self.environment)
        if not self.fresh:
            return command_line(TaskName.STATUS, self.environment)
        not_closed = [one for one in Upstream if any(not found.is_closed for found in self._breakers(one))]
        flags = ("--tier", str(not_closed[0])) if not_closed else ()
        return command_line(TaskName.BREAKER_RESET, self.environment, *flags) if not_closed else None

    @property
    def text(self) -> str:
        rows = [_HEADINGS, *(self._row(task) for task in self.tasks)] if self.tasks else []
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))] if rows else []
        table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([*table, *self._switched(), self.summary])

    @property
    def body(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "summary": self.summary,
            "order": [str(tier) for tier in order(self.switches.modes, self.present)],
            "switches": {str(tier): asdict(found) for tier, found in self.switches.settings.items()},
            "breaker_numbers": {str(upstream): number for upstream, number in self.switches.numbers.items()},
            "tasks": [
                {**asdict(task), "age_seconds": round(task.age_seconds, 1), "fresh": task.is_fresh}
                for task in self.tasks
            ],
            "next_command": self.next_command,
        }

    def _order(self) -> str:
        found = order(self.switches.modes, self.present)
        return f"order {', '.join(found)}" if found else "every tier is off"

    def _switched(self) -> list[str]:
        return [
            f"{tier} is {_WORDS[found.mode]} since {found.at} by {found.by}: {found.reason or 'no reason given'}"
            for tier, found in self.switches.settings.items()
            if found.mode is not Mode.AUTO
        ]

    def _breakers(self, upstream: Upstream) -> list[Breaker]:
        return [task.breakers[upstream] for task in self.fresh if upstream in task.breakers]

    def _of(self, upstream: Upstream) -> str:
        found = self._breakers(upstream)
        open_ones = [one for one in found if not one.is_closed]
        if not open_ones:
            return f"{upstream} closed"
        left = min(one.seconds_left for one in open_ones)
        where = "everywhere" if len(open_ones) == len(found) else f"on {len(open_ones)} of {len(found)}"
        return f"{upstream} open {where} (one asks again in {left:.0f} s)"

    def _row(self, task: TaskReport) -> tuple[str, ...]:
        breakers = ", ".join(f"{upstream} {_breaker(found)}" for upstream, found in task.breakers.items())
        modes = ", ".join(f"{tier} {mode}" for tier, mode in task.modes.items() if mode is not Mode.AUTO)
        age = f"{task.age_seconds:.0f} s"
        return (
            task.task,
            task.release,
            task.colour,
            task.model_colour,
            "yes" if task.is_serving else "no",
            age if task.is_fresh else f"{age}, stale",
            breakers or "-",
            modes or "auto",
        )


def _breaker(found: Breaker) -> str:
    state = found.state.replace("_", "-")
    return f"{state} ({found.seconds_left:.0f} s)" if found.state == "open" else state


def _tasks(count: int) -> str:
    return f"{count} task{'' if count == 1 else 's'}"


_WORDS = {Mode.FORCE: "forced", Mode.OFF: "off", Mode.AUTO: "auto"}


def follows(task: TaskReport, tier: Tier, mode: Mode) -> bool:
    """Whether a task says that it obeys. One that never heard of the tier has nothing to obey."""
    return task.modes.get(tier, mode) is mode
