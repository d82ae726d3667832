"""What runs where, as text and as the object of `status --json`. Reads only."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.release import gates, gpus, state
from scripts.release.definitions import gpus_per_task
from scripts.release.gpus import Use
from scripts.release.model import Placement
from scripts.release.ports import Site
from scripts.release.state import State
from scripts.task_names import command_line
from stacks.naming import Colour, Part


@dataclass(frozen=True)
class Status:
    """The state with the GPU hosts that it uses."""

    site: Site
    state: State
    gpus: Use

    @property
    def body(self) -> dict[str, Any]:
        book, lease = self.state.book, self.state.lease
        live = book.live.placement if book.live else None
        idle = book.idle.placement if book.idle else None
        return {
            "environment": self.site.manifest.environment,
            "live": self._side(book.home_colour, live) if live else None,
            "idle": self._side(book.idle_colour, idle),
            "lock": vars(lease) if lease else None,
            "unfinished": self._unfinished(),
            "template_newer": self.state.template_newer,
        }

    @property
    def text(self) -> str:
        book = self.state.book
        lines = [f"{self.site.manifest.environment}: traffic {self.state.weights}"]
        lines.append(self._line("live", book.home_colour, book.live.placement if book.live else None))
        role = f" ({book.idle.role}, since {book.idle.since})" if book.idle else ""
        lines.append(self._line("idle", book.idle_colour, book.idle.placement if book.idle else None) + role)
        return "\n".join([*lines, self._gpu_line(), *self._notes()])

    def _side(self, colour: Colour, placement: Placement | None) -> dict[str, Any]:
        services = self.state.services
        model_colour = placement.model_colour if placement else None
        return {
            "release": placement.release if placement else None,
            "colour": str(colour),
            "weight": self.state.weights.percent(colour),
            "model_colour": str(model_colour) if model_colour else None,
            "api_running": services[Part.API, colour].running,
            "vllm_running": services[Part.VLLM, model_colour].running if model_colour else 0,
        }

    def _unfinished(self) -> dict[str, Any] | None:
        operation = self.state.book.operation
        if operation is None:
            return None
        way_out = command_line(gates.way_out(operation), self.site.manifest.environment)
        return {
            "command": str(operation.command),
            "release": operation.release,
            "step": operation.step,
            "since": operation.since,
            "who": operation.who,
            "next_command": way_out,
        }

    def _line(self, name: str, colour: Colour, placement: Placement | None) -> str:
        side = self._side(colour, placement)
        if placement is None:
            return f"{name}  {colour:<5} nothing"
        model = f"{side['vllm_running']} vLLM on {side['model_colour']}"
        return f"{name}  {colour:<5} {side['release']}  {side['weight']} %  {side['api_running']} API, {model}"

    def _gpu_line(self) -> str:
        cost = self.gpus.surplus_hourly_usd
        extra = f", the difference costs ${cost:.2f}/h" if cost else ""
        return f"GPUs  {self.gpus.running} hosts running, {self.gpus.needed} needed{extra}"

    def _notes(self) -> list[str]:
        found, lease, unfinished = [], self.state.lease, self._unfinished()
        if self.state.contradiction:
            found.append(f"Contradiction: {self.state.contradiction}")
        if self.state.book.live and self.state.weights.sole is not self.state.book.home_colour:
            found.append(f"The rule reads {self.state.weights}, the ledger says {self.state.book.home_colour} is live")
        if lease:
            found.append(f"Lock: {lease}")
        if unfinished:
            how = "runs now, at" if lease else "is unfinished, it stopped at"
            what = " ".join(filter(None, (unfinished["command"], unfinished["release"])))
            found.append(f"{what} {how} `{unfinished['step']}`: {unfinished['next_command']}")
        if self.state.template_newer:
            found.append(
                "The infrastructure's templates are newer than the live release: the next release takes them in"
            )
        return found + self._unsettled()

    def _unsettled(self) -> list[str]:
        book, limit = self.state.book, timedelta(hours=self.site.manifest.policy.unsettled_alarm_hours)
        if book.idle is None or not book.is_unsettled:
            return []
        since = datetime.strptime(book.idle.since, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        late = "" if self.site.clock.now() - since < limit else f", for more than {limit.total_seconds() / 3600:g} h"
        return [f"{book.idle.placement.colour} is not settled{late}: rollback is warm until `fab settle`"]


def status(site: Site) -> Status:
    found = state.read(site)
    per_task = gpus_per_task(found.templates[Part.VLLM])
    live = found.book.live
    tasks = found.services[Part.VLLM, live.placement.model_colour].desired if live else 0
    return Status(site, found, gpus.use(site.manifest.capacity, site.cloud.hosts(), tasks, per_task))
