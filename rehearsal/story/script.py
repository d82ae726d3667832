"""What each story plays, as data: commands with the exit code they must have, and what must then be true."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from rehearsal import invitation
from rehearsal.faults import Fault
from rehearsal.story.checks import (
    Check,
    Until,
    breaker_closed,
    breaker_open,
    live_changed,
    live_untouched,
    new_model_has_gpus_of_its_own,
    no_second_gpu,
    vllm_complete,
)


class Scene(StrEnum):
    """What a step means for the traffic, beyond its own command."""

    LOAD_STARTS = "load starts"
    VLLM_KILLED = "vllm killed"
    VLLM_BACK = "vllm back"


@dataclass(frozen=True)
class Step:
    """One command of the story. `name` is what the report calls it, `typed` what the command reads from a terminal.

    With `until` the command is repeated until its answer lacks nothing. A `scene` is what it leaves behind.
    """

    name: str
    arguments: tuple[str, ...]
    exit_code: int = 0
    check: Check | None = None
    scene: Scene | None = None
    typed: str | None = None
    until: Until | None = None


def release() -> Iterator[Step]:
    """The story of `make rehearse`: a first release, a new model there and back, an API change, a broken candidate, and
    vLLM killed under load."""
    yield from _first_release()
    yield from _new_model("", invitation.SECOND_REVISION)
    yield from _new_api("", "api-2")
    yield _broken_candidate("")
    yield from _vllm_gone()
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
    yield Step("first switchover", ("switchover",), scene=Scene.LOAD_STARTS)


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


def _vllm_gone() -> Iterator[Step]:
    """Every vLLM task in use is killed at once and stays away; OpenAI stands in until the breakers let vLLM back."""
    look = ("breaker.status",)
    yield Step("vLLM is killed", ("rehearsal.fault", Fault.VLLM_GONE), scene=Scene.VLLM_KILLED)
    yield Step("its breaker opens", look, until=breaker_open)
    yield Step("vLLM may start", ("rehearsal.heal", Fault.VLLM_GONE))
    yield Step("its breaker closes", look, until=breaker_closed, scene=Scene.VLLM_BACK)
    yield Step("status", ("status",), until=vllm_complete)


def _broken_candidate(where: str) -> Step:
    deploy = tuple(invitation.broken_candidate())
    return Step(f"{where}broken candidate", deploy, exit_code=2, check=live_untouched)
