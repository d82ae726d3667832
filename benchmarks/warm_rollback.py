"""How long a warm rollback takes: from the start of the command to the end of the last answer of the old colour.

    .venv/bin/python -m benchmarks.warm_rollback [--runs 3] [--delays 0 10 120]

The budget is 5 s at no propagation delay. With a delay the load balancer's late node sets the pace, and the figure says
by how much: seconds = delay + what the command itself takes.
"""

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rehearsal import invitation
from rehearsal.addresses import free_port
from rehearsal.settings import RehearsalSettings
from rehearsal.story.load import Load
from rehearsal.story.player import Player
from rehearsal.story.script import Step
from rehearsal.traffic.accounting import Account, StepWindow, seconds_to_last_answer
from rehearsal.world import World

RATE_PER_SECOND = 10.0
_AFTER_SECONDS = 2.0


@dataclass(frozen=True)
class Measured:
    """One rollback. `lost` counts lost, cut and duplicated requests."""

    delay_seconds: float
    to_last_answer_seconds: float
    command_seconds: float
    lost: int


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="switchyard-benchmark-") as folder:
        settings = RehearsalSettings(Path(folder), free_port(), propagation_seconds=(0.0, 0.0))
        world = World(settings, _say)
        world.up()
        try:
            player = Player(settings.folder, lambda line: None)
            for arguments_ in (invitation.first_release(), ["switchover"], invitation.new_model(), ["switchover"]):
                _play(player, arguments_)
            found = [_measure(world, player, delay) for delay in options.delays for _ in range(options.runs)]
        finally:
            world.down()
    print(table(found))
    return 0


def table(found: list[Measured]) -> str:
    """One line a delay: the median and the largest of its runs."""
    lines = [
        f"{'delay s':>8} {'runs':>5} {'to last answer s (median)':>27} {'(largest)':>10} {'command s':>10} {'lost':>5}"
    ]
    for delay in dict.fromkeys(entry.delay_seconds for entry in found):
        mine = [entry for entry in found if entry.delay_seconds == delay]
        times = [entry.to_last_answer_seconds for entry in mine]
        command = statistics.median(entry.command_seconds for entry in mine)
        lost = sum(entry.lost for entry in mine)
        median = statistics.median(times)
        lines.append(f"{delay:>8g} {len(mine):>5} {median:>24.2f} {max(times):>10.2f} {command:>10.2f} {lost:>5}")
    return "\n".join(lines)


def _measure(world: World, player: Player, delay_seconds: float) -> Measured:
    world.set_fault("propagation-delay", None, f"{delay_seconds:g}")
    load = Load(world, RATE_PER_SECOND)
    load.start()
    time.sleep(_AFTER_SECONDS)
    old = player.status()["live"]["colour"]
    window = _play(player, ["rollback"])
    time.sleep(_AFTER_SECONDS)
    load.stop()
    account = load.account([window])
    _say(f"rollback at {delay_seconds:g} s delay: command {window.seconds:.2f} s")
    world.heal(None)
    measured = Measured(
        delay_seconds, seconds_to_last_answer(account.records, old, window.started_at), window.seconds, _lost(account)
    )
    _play(player, ["switchover"])
    return measured


def _lost(account: Account) -> int:
    return account.total.lost + account.total.cut + account.total.duplicated


def _play(player: Player, arguments: list[str]) -> StepWindow:
    played = player.play(Step(arguments[0], tuple(arguments)))
    if played.problem:
        raise SystemExit(f"fab {' '.join(arguments)}: {played.problem}")
    return played.window


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.warm_rollback", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="rollbacks for each delay")
    parser.add_argument("--delays", type=float, nargs="+", default=[0.0, 10.0, 120.0], help="seconds, late node")
    return parser


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
