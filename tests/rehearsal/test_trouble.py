"""What goes wrong around a release: bad input, no capacity, two people at once, a signal, a host that is gone.

One rehearsal serves the whole module: a first release is live on green, the tests leave it so.
"""

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rehearsal import invitation
from rehearsal.cloud.calls import Call
from rehearsal.images import image
from rehearsal.story.load import Load
from rehearsal.world import World
from tests.rehearsal.fab import Fab, Running

pytestmark = pytest.mark.slow

UNKNOWN_DIGEST = "sha256:" + "5" * 64


@pytest.fixture(scope="module")
def fab(world: World) -> Fab:
    """The tasks, with a first release live."""
    tasks = Fab(world.settings.folder)
    for arguments in (invitation.first_release(), ["switchover"]):
        ended = tasks(*arguments)
        assert ended.code == 0, ended.said
    return tasks


@pytest.fixture
def candidate(fab: Fab) -> Iterator[dict[str, Any]]:
    """An API-only candidate beside the live release; gone afterwards, whoever is live then."""
    ended = fab(*_api_change(fab))
    assert ended.code == 0, ended.said
    yield fab.status()
    status = fab.status()
    assert fab("settle" if status["live"]["release"] == ended.answer["release"] else "abort").code == 0


@pytest.fixture(autouse=True)
def healed(world: World) -> Iterator[None]:
    yield
    world.heal(None)


def refused(fab: Fab, *arguments: str, says: str, yes: bool = True) -> None:
    """The task ends with exit 1 and one clear sentence, and nothing has changed."""
    before = fab.status()
    ended = fab(*arguments, yes=yes)
    assert ended.code == 1, ended.said
    assert re.search(says, ended.said), ended.said
    assert ended.answer["result"] == "refused"
    assert fab.status() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--reason", "x"], "nothing to release"),
        (["--api-image", "latest", "--reason", "x"], "sha256"),
        (["--api-image", UNKNOWN_DIGEST, "--reason", "x"], "not in"),
        (["--api-image", image("api-arm64").digest, "--reason", "x"], "arm64"),
        (["--model", "resume-model", "--reason", "x"], "NAME@REVISION"),
        (["--model", "resume-model@typo", "--reason", "x"], "models/resume-model@typo/.complete is missing"),
    ],
    ids=["nothing", "no digest", "unknown digest", "wrong architecture", "no revision", "unknown model"],
)
def test_a_release_that_cannot_be_is_refused(fab: Fab, arguments: list[str], says: str) -> None:
    refused(fab, "deploy-green", *arguments, says=says)


@pytest.mark.parametrize(("fault", "says"), [("no-g5", "g5"), ("no-free-gpu", "may add 0")])
def test_without_gpus_a_new_model_is_refused_before_any_change(world: World, fab: Fab, fault: str, says: str) -> None:
    world.set_fault(fault, None, None)
    refused(fab, *invitation.new_model(), says=says)


@pytest.mark.parametrize(
    ("task", "says"),
    [
        ("switchover", "is live and there is no candidate to switch to: deploy one"),
        ("rollback", "is the first release: nothing was live before it"),
    ],
)
def test_a_step_without_a_candidate_is_refused(fab: Fab, task: str, says: str) -> None:
    refused(fab, task, says=says)


def test_an_image_that_crashes_is_taken_back_and_nobody_notices(world: World, fab: Fab) -> None:
    before = fab.status()["live"]
    load = Load(world, 10)
    load.start()
    ended = fab("deploy-green", "--api-image", image("api-crashes").digest, "--reason", "x")
    load.stop()
    assert (ended.code, ended.answer["result"]) == (2, "restored"), ended.said
    assert fab.status()["live"] == before
    account = load.account([])
    assert account.total.answered == account.total.requests


def test_a_held_lock_is_refused_with_who_since_when_and_what_to_do(fab: Fab, candidate: dict[str, Any]) -> None:
    first = fab.start("switchover")
    time.sleep(2)
    second = fab("switchover")
    assert first.end().code == 0
    assert second.code == 1
    assert re.search(r"the lock is held: switchover by .* since \d{4}-", second.said), second.said
    assert second.answer["next_command"] == "fab lock.release --env rehearsal"


def test_a_rollback_does_not_wait_for_a_held_lock(world: World, fab: Fab, candidate: dict[str, Any]) -> None:
    live = candidate["live"]["release"]
    held, deployer = _signalled(world, fab, ["switchover"], signal.SIGSTOP, _moves_the_weights)
    assert held.wait(60), "the switchover never moved the weights"
    assert _weight(fab, candidate["idle"]["colour"]) > 0
    ended = fab("rollback")
    assert ended.code == 0, ended.said
    deployer.process.send_signal(signal.SIGCONT)
    assert deployer.end().code != 0
    assert fab.status()["live"]["release"] == live


def test_two_rollbacks_at_once_are_as_good_as_one(fab: Fab, candidate: dict[str, Any]) -> None:
    assert fab("switchover").code == 0
    both = [fab.start("rollback"), fab.start("rollback")]
    assert [running.end().code for running in both] == [0, 0]
    assert fab.status()["live"]["release"] == candidate["live"]["release"]


def test_a_deployer_stopped_between_its_check_and_its_write_never_undoes_a_rollback(
    world: World, fab: Fab, candidate: dict[str, Any]
) -> None:
    live = candidate["live"]
    stopped, deployer = _signalled(world, fab, ["switchover"], signal.SIGSTOP, _intends_the_write)
    assert stopped.wait(60), "the switchover never came to its write"
    assert fab("rollback", "--to", live["colour"]).code == 0
    time.sleep(1)
    deployer.process.send_signal(signal.SIGCONT)
    ended = deployer.end()
    assert ended.code in (1, 4), ended.said
    assert fab.status()["live"]["release"] == live["release"]
    assert _weight(fab, live["colour"]) == 100


def test_ctrl_c_after_the_first_change_says_half_way_and_abort_recovers(world: World, fab: Fab) -> None:
    before = fab.status()["live"]
    _, deployer = _signalled(world, fab, _api_change(fab), signal.SIGINT, _scales_up)
    ended = deployer.end()
    assert (ended.code, ended.answer["result"]) == (4, "half-way"), ended.said
    assert ended.answer["next_command"] == "fab abort --env rehearsal"
    assert fab("abort").code == 0
    assert fab.status()["live"] == before


def test_with_stale_reads_and_one_late_node_switchover_and_rollback_lose_nothing(
    world: World, fab: Fab, candidate: dict[str, Any]
) -> None:
    world.set_fault("stale-reads", None, "3")
    world.set_fault("propagation-delay", None, "6")
    load = Load(world, 10)
    load.start()
    ended = [fab(task) for task in ("switchover", "rollback")]
    load.stop()
    assert [one.code for one in ended] == [0, 0], ended[-1].said
    assert fab.status()["live"]["release"] == candidate["live"]["release"]
    total = load.account([]).total
    assert total.answered == total.requests
    assert set(total.by_colour) == {"blue", "green"}


@pytest.mark.parametrize("fault", ["vllm-dies", "host-lost", "vllm-gone"])
def test_a_vllm_that_is_gone_costs_no_answer(world: World, fab: Fab, fault: str) -> None:
    load = Load(world, 5)
    load.start()
    time.sleep(1)
    world.set_fault(fault, None, None)
    time.sleep(12)
    load.stop()
    total = load.account([]).total
    assert total.lost == 0
    # What was being streamed when it happened is cut in band, and nothing else is.
    assert total.cut <= 5
    assert total.by_tier.get("openai", 0) > 0 or fault == "vllm-dies"


def _signalled(
    world: World, fab: Fab, task: list[str], signalled: signal.Signals, when: Callable[[Call], bool]
) -> tuple[threading.Event, Running]:
    """The deployer's task, which gets a signal once: when the call is done, before it has its answer."""
    done = threading.Event()

    def send(call: Call) -> None:
        if call.principal == "deployer" and when(call) and not done.is_set():
            deployer.process.send_signal(signalled)
            done.set()

    world.observe(send)
    deployer = fab.start(*task)
    return done, deployer


def _intends_the_write(call: Call) -> bool:
    return call.service == "dynamodb" and b"intent" in call.body and b"odify" in call.body


def _moves_the_weights(call: Call) -> bool:
    return call.operation == "ModifyRule"


def _scales_up(call: Call) -> bool:
    return call.operation == "UpdateService"


def _api_change(fab: Fab) -> list[str]:
    """A `deploy-green` of the API image that is not live."""
    for tag in ("api-2", "api-1"):
        change = ["deploy-green", "--api-image", image(tag).digest, "--reason", "an API change"]
        if fab("plan", *change[1:]).code == 0:
            return change
    raise AssertionError("neither API image can be released")


def _weight(fab: Fab, colour: str) -> int:
    status = fab.status()
    slots = [slot for slot in (status["live"], status["idle"]) if slot and slot["colour"] == colour]
    return int(slots[0]["weight"]) if slots else 0
