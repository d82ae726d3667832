"""What each story plays, as data: commands with the exit code they must have, and what must then be true."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal import invitation

Status = dict[str, Any]
# A check reads the status before and after its step, and returns what is wrong, or None.
Check = Callable[[Status, Status], str | None]


@dataclass(frozen=True)
class Step:
    """One command of the story. `name` is what the report calls it, `typed` what the command reads from a terminal."""

    name: str
    arguments: tuple[str, ...]
    exit_code: int = 0
    check: Check | None = None
    starts_load: bool = False
    typed: str | None = None


def live_untouched(before: Status, after: Status) -> str | None:
    """A candidate is there and the live release is as it was."""
    if before["live"] != after["live"]:
        return f"the live release changed: {before['live']} became {after['live']}"
    return None


def new_model_has_gpus_of_its_own(before: Status, after: Status) -> str | None:
    live, idle = after["live"], after["idle"]
    if idle["model_colour"] == live["model_colour"]:
        return f"the candidate shares the vLLM colour {live['model_colour']} with the live release"
    if not idle["vllm_running"]:
        return "the candidate has no vLLM task"
    return live_untouched(before, after)


def no_second_gpu(before: Status, after: Status) -> str | None:
    live, idle = after["live"], after["idle"]
    if idle["model_colour"] != live["model_colour"]:
        return f"an API-only release started vLLM on {idle['model_colour']}"
    return live_untouched(before, after)


def live_changed(before: Status, after: Status) -> str | None:
    if before["live"] and before["live"]["release"] == after["live"]["release"]:
        return f"the live release is still {after['live']['release']}"
    return None


def release() -> Iterator[Step]:
    """The story of `make rehearse`: a first release, a new model there and back, an API change, a broken candidate."""
    yield from _first_release()
    yield from _new_model("", invitation.SECOND_REVISION)
    yield from _new_api("", "api-2")
    yield _broken_candidate("")
    yield Step("history", ("history",))


def operate() -> Iterator[Step]:
    """What people on call do beside releasing, under load: looking, every way to replace a secret, keys and switches.

    The traffic's own key is replaced as far as its old one still works; another client's to the end. Tiers are switched
    so that vLLM still answers everything.
    """
    yield from _first_release()
    yield Step("plan: API only", ("plan", *invitation.new_api("api-2")[1:]))
    yield Step("smoke the live colour", ("smoke", "--colour", "live"))
    yield Step("capacity.status", ("capacity.status",))
    yield Step("capacity.image", ("capacity.image",))
    yield Step("secrets.status", ("secrets.status",))
    yield Step("secrets.rotate: the traffic's key", ("secrets.rotate", "api-keys", "--client", "traffic"))
    yield Step("secrets.rotate: another key", ("secrets.rotate", "api-keys", "--client", "you"))
    yield Step("secrets.rotate: its end", ("secrets.rotate", "api-keys", "--client", "you", "--finish"))
    yield Step("secrets.rotate: smoke's key", ("secrets.rotate", "smoke-key"))
    yield Step("secrets.set: OpenAI's key", ("secrets.set", "openai-key"), typed="sk-rehearsal-another-openai-key\n")
    yield Step("secrets.roll", ("secrets.roll",))
    yield Step("secrets.status again", ("secrets.status",))
    yield from _gateway()
    yield Step("lock.release: nobody holds it", ("lock.release",))
    yield Step("status", ("status",))
    yield Step("history", ("history",))


def soak() -> Iterator[Step]:
    """The same over and over: each round brings the other revision and the other API image. It never ends by itself."""
    yield from _first_release()
    for number in itertools.count(1):
        where = f"{number}: "
        yield from _new_model(where, invitation.SECOND_REVISION if number % 2 else invitation.FIRST_REVISION)
        yield from _new_api(where, "api-2" if number % 2 else "api-1")
        yield _broken_candidate(where)
        yield Step(f"{where}settle again", ("settle",))


STORIES: dict[str, Callable[[], Iterator[Step]]] = {"release": release, "operate": operate, "soak": soak}


def _gateway() -> Iterator[Step]:
    why = ("--reason", "rehearsed")
    yield Step("keys.create", ("keys.create", "story", "--requests-per-minute", "60", "--monthly-budget-usd", "5"))
    yield Step("keys.create: the same name", ("keys.create", "story"), exit_code=1)
    yield Step("keys.list", ("keys.list",))
    yield Step("keys.revoke", ("keys.revoke", "story"))
    yield Step("breaker.status", ("breaker.status",))
    yield Step("breaker.reset", ("breaker.reset",))
    yield Step("fallback.off: the cache", ("fallback.off", "cache", *why))
    yield Step("fallback.force: vLLM", ("fallback.force", "vllm", *why))
    yield Step("fallback.status", ("fallback.status",))
    yield Step("fallback.auto", ("fallback.auto",))


def _first_release() -> Iterator[Step]:
    yield Step("first release", tuple(invitation.first_release()))
    yield Step("first switchover", ("switchover",), starts_load=True)


def _new_model(where: str, revision: str) -> Iterator[Step]:
    deploy = tuple(invitation.new_model(revision))
    yield Step(f"{where}deploy-green: new model", deploy, check=new_model_has_gpus_of_its_own)
    yield Step(f"{where}smoke", ("smoke",))
    yield Step(f"{where}switchover", ("switchover",), check=live_changed)
    yield Step(f"{where}rollback", ("rollback",), check=live_changed)
    yield Step(f"{where}switchover again", ("switchover",), check=live_changed)
    yield Step(f"{where}settle", ("settle",))


def _new_api(where: str, tag: str) -> Iterator[Step]:
    yield Step(f"{where}deploy-green: API only", tuple(invitation.new_api(tag)), check=no_second_gpu)
    yield Step(f"{where}switchover: API only", ("switchover",), check=live_changed)


def _broken_candidate(where: str) -> Step:
    deploy = tuple(invitation.broken_candidate())
    return Step(f"{where}broken candidate", deploy, exit_code=2, check=live_untouched)
