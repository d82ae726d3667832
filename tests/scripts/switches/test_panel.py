"""Setting switches: written once, seen by every task that reports, or said who did not."""

import json
from collections.abc import Callable
from io import StringIO

import pytest

from scripts.console import Console
from scripts.errors import AwsFailed, HalfWay, Transient
from scripts.shared_items import Write
from scripts.switches.panel import PATIENCE_SECONDS, Panel
from scripts.switches.standing import Standing
from scripts.switches.tier import NORMAL, Mode, Tier, Upstream, forced
from tests.scripts.fake_clock import FakeClock
from tests.scripts.fake_shared_table import FakeSharedTable, down
from tests.scripts.switches.reports import report

TO_OPENAI = forced(NORMAL, Tier.OPENAI)


class Gateway:
    """Tasks that report every second, and obey from `after_seconds` on (None: never)."""

    def __init__(self, **tasks: float | None) -> None:
        self.clock, self.table, self._tasks = FakeClock(), FakeSharedTable(), tasks
        self.clock.on_move.append(self.report)
        self.report()

    @property
    def panel(self) -> Panel:
        voice = Console(StringIO(), StringIO(), self.clock.monotonic, interactive=False)
        return Panel("staging", self.table, self.clock, voice, "arn:ana")

    def report(self) -> None:
        for task, after_seconds in self._tasks.items():
            obeys = after_seconds is not None and self.clock.seconds >= after_seconds
            self.table.place(self._item(task) if obeys else report(task, age=-self.clock.seconds))

    def force(self) -> Standing:
        panel = self.panel
        return panel.set_modes(panel.mode_writes(NORMAL, TO_OPENAI, "drill"), TO_OPENAI)

    def reset(self) -> Standing:
        panel = self.panel
        return panel.reset(Upstream.VLLM, panel.reset_number(panel.look(), Upstream.VLLM))

    def _item(self, task: str) -> "dict[str, object]":
        found = self.panel.look().switches
        modes = {str(tier): str(mode) for tier, mode in found.modes.items()}
        number = {"reset_number": found.numbers[Upstream.VLLM]}
        return dict(report(task, age=-self.clock.seconds, modes=modes, vllm=number))


ACTS: list[Callable[[Gateway], Standing]] = [Gateway.force, Gateway.reset]
acts = pytest.mark.parametrize("act", ACTS, ids=["force", "reset"])


@acts
def test_it_is_done_when_every_task_has_seen_it(act: Callable[[Gateway], Standing]) -> None:
    gateway = Gateway(a=2, b=6)
    act(gateway)
    assert 6 <= gateway.clock.seconds < 8


@acts
def test_who_does_not_follow_in_time_is_named_and_what_was_written_stays(act: Callable[[Gateway], Standing]) -> None:
    gateway = Gateway(quick=1, deaf=None)
    with pytest.raises(HalfWay, match="deaf did not say") as stopped:
        act(gateway)
    assert "quick" not in str(stopped.value)
    assert stopped.value.next_command == "fab breaker.status --env staging"
    assert PATIENCE_SECONDS <= gateway.clock.seconds < PATIENCE_SECONDS + 2
    assert len(gateway.table.writes) == 1


@acts
def test_without_a_task_nobody_is_waited_for(act: Callable[[Gateway], Standing]) -> None:
    gateway = Gateway()
    act(gateway)
    assert gateway.clock.seconds == 0


@acts
@pytest.mark.parametrize("failure", [KeyboardInterrupt(), Transient("read timeout"), down()])
def test_stopped_after_the_write_it_does_not_say_that_nothing_changed(
    act: Callable[[Gateway], Standing], failure: BaseException
) -> None:
    gateway = Gateway(a=9)
    gateway.clock.on_move.append(lambda: setattr(gateway.table, "failure", failure))
    with pytest.raises(HalfWay, match="may have been written"):
        act(gateway)


def test_a_table_that_refuses_the_first_write_changed_nothing() -> None:
    gateway = Gateway(a=0)
    gateway.table.before_write = lambda _write: setattr(gateway.table, "failure", down())
    with pytest.raises(AwsFailed, match="could not connect") as failed:
        gateway.force()
    assert failed.value.exit_code == 1


def test_a_switch_says_who_when_and_why_and_what_stays_as_it_is_is_not_written() -> None:
    gateway = Gateway()
    gateway.force()
    ((_, item),) = gateway.table.items.items()
    assert item == {
        "pk": "switch",
        "sk": "tier#openai",
        "mode": "force",
        "by": "arn:ana",
        "at": "2026-11-22T03:00:00Z",
        "reason": "drill",
    }


def test_back_to_normal_the_reason_is_gone() -> None:
    gateway = Gateway()
    gateway.force()
    panel = gateway.panel
    panel.set_modes(panel.mode_writes(TO_OPENAI, NORMAL, ""), NORMAL)
    assert panel.look().switches.settings[Tier.OPENAI].mode is Mode.AUTO
    assert "reason" not in gateway.table.items["switch", "tier#openai"]


def test_the_number_of_a_reset_is_the_time_and_rises_even_after_a_clock_that_was_ahead() -> None:
    gateway = Gateway()
    panel = gateway.panel
    number = panel.reset_number(panel.look(), Upstream.VLLM)
    assert number == int(gateway.clock.now().timestamp() * 1000)
    gateway.table.place({"pk": "switch", "sk": "breaker#vllm", "number": number + 999_999})
    assert panel.reset_number(panel.look(), Upstream.VLLM) == number + 1_000_000


def test_a_reset_by_somebody_else_in_the_same_moment_is_as_good() -> None:
    gateway = Gateway(a=0)

    def meanwhile(write: Write) -> None:
        gateway.table.place({"pk": write.pk, "sk": write.sk, "number": int(str(write.values["number"])) + 5})

    gateway.table.before_write = meanwhile
    gateway.reset()
    assert gateway.table.writes == []


def test_a_task_of_a_release_that_knows_no_switches_is_not_waited_for() -> None:
    gateway = Gateway()
    gateway.table.place({**report("old"), "modes": "{}", "breakers": json.dumps({})})
    gateway.force()
    gateway.reset()
    assert gateway.clock.seconds == 0
