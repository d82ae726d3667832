"""The rehearsal's tasks: thin. This module alone imports `rehearsal`, and only when a task runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from scripts.command import Report, Run, command
from scripts.errors import Refused, Restored

if TYPE_CHECKING:
    from rehearsal.connection import Connection
    from rehearsal.settings import RehearsalSettings
    from rehearsal.world import World

_PORT = {"port": "port of the door (default 8443)"}


@command(
    group="rehearsal",
    help={
        "story": "release; operate: what people on call do; soak: the first over and over (default: release)",
        "rate": "requests a second (default 8)",
        "minutes": "begin no further step after this time (soak: default 30)",
        **_PORT,
    },
)
def run(run: Run, story: str = "release", rate: float = 8.0, minutes: float | None = None, port: int = 8443) -> Report:
    """Play a whole release on this machine, under load, and count the requests lost."""
    with _refusals():
        from rehearsal.story import run as telling
        from rehearsal.story.script import STORIES

        if story not in STORIES:
            raise Refused(f"unknown story {story!r}: expected one of {', '.join(STORIES)}")
        if rate <= 0:
            raise Refused(f"--rate {rate:g}: expected a number of requests a second above 0")
        length = 30.0 if minutes is None and story == "soak" else minutes
        outcome = telling.run(_settings(port), telling.Order(story, rate, length), run.console.line)
    run.console.line(f"\n{outcome.table}\n\nReport: {outcome.paths.html}")
    if outcome.problems or not outcome.passed:
        raise Restored("the rehearsal found:\n" + "\n".join(f"  - {problem}" for problem in outcome.problems))
    return Report(message=outcome.summary)


@command(group="rehearsal", help={"detach": "return when it is ready", **_PORT})
def up(run: Run, detach: bool = False, port: int = 8443) -> Report:
    """Start the rehearsal and leave it running for other terminals."""
    with _refusals():
        from rehearsal import remote, supervise

        settings = _settings(port)
        if detach:
            remote.start_detached(settings)
            return Report(text=_invitation(settings))
        supervise.hold(settings, run.console.line, lambda world: _invite(run, world))
    return Report(message="stopped, nothing is left running")


@command(group="rehearsal")
def down(run: Run) -> Report:
    """Stop the rehearsal and everything it started."""
    with _refusals():
        from rehearsal import remote

        stopped = remote.stop(_settings())
    return Report(message="stopped, nothing is left running" if stopped else "no rehearsal was running")


@command(
    group="rehearsal",
    help={"name": "which fault (`rehearsal.faults` lists them)", "colour": "blue or green", "value": "how much"},
)
def fault(run: Run, name: str, colour: str | None = None, value: str | None = None) -> Report:
    """Break something in the running rehearsal."""
    with _refusals():
        from rehearsal import remote

        answer = remote.ask(_connection(), "POST", "/faults", {"name": name, "colour": colour, "value": value})
    return Report(message=str(answer.get("struck") or f"{name} holds until `fab rehearsal.heal {name}`"), more=answer)


@command(group="rehearsal", help={"name": "which fault, or all"})
def heal(run: Run, name: str) -> Report:
    """Take back one fault, or all."""
    with _refusals():
        from rehearsal import remote

        remote.ask(_connection(), "POST", "/heal", {"name": None if name == "all" else name})
    return Report(message="every fault healed" if name == "all" else f"{name} healed")


@command(group="rehearsal")
def faults(run: Run) -> Report:
    """List what can be broken, and what is."""
    with _refusals():
        from rehearsal import remote
        from rehearsal.faults import KINDS

        active = {entry["name"] for entry in remote.ask(_connection(), "GET", "/faults")["faults"]}
    lines = [f"{'*' if name in active else ' '} {name:<18} {kind.says}{_takes(kind.unit, kind.largest)}"
             for name, kind in KINDS.items()]  # fmt: skip
    return Report(text="\n".join(lines), body={"faults": [str(name) for name in KINDS], "active": sorted(active)})


def _takes(unit: str | None, largest: float) -> str:
    return f" (--value 0 to {largest:g} {unit})" if unit else ""


def _settings(port: int = 8443) -> "RehearsalSettings":
    from rehearsal.settings import RehearsalSettings, folder

    if not 1024 <= port <= 65535:
        raise Refused(f"--port {port}: expected 1024 to 65535")
    return replace(RehearsalSettings(folder=folder()), port=port)


def _connection() -> "Connection":
    from rehearsal import connection

    return connection.read(_settings().connection_file)


def _invite(run: Run, world: "World") -> None:
    run.console.text(_invitation(world.settings))


def _invitation(settings: "RehearsalSettings") -> str:
    from rehearsal import connection, invitation

    return invitation.text(connection.read(settings.connection_file), settings.folder / "api-key")


@contextmanager
def _refusals() -> Iterator[None]:
    """A rehearsal's error is a refusal to the person at the terminal."""
    from rehearsal.errors import RehearsalError

    try:
        yield
    except RehearsalError as error:
        raise Refused(str(error)) from error
