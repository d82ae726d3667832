"""The monitor: what it asks of vLLM, and in which order, until the board says ready or dead."""

import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat

from vllm_image import readiness
from vllm_image.monitor import Board, Monitor
from vllm_image.readiness import Answer, Phase
from vllm_image.settings import Timing

FAST = Timing(start_poll_seconds=0.01, probe_interval_seconds=0.01, probe_timeout_seconds=0.02, probe_failures=2)
GOOD, BAD = Answer(True, "status 200"), Answer(False, "bad")


class ScriptedVllm:
    """Answers from scripts whose last entry repeats, and notes what was asked."""

    def __init__(self, health: list[Answer], completions: list[Answer], tokens: Callable[[], float | None]) -> None:
        self.asked: list[str] = []
        self._health = _script(health)
        self._completions = _script(completions)
        self._tokens = tokens

    def healthy(self) -> Answer:
        self.asked.append("health")
        return next(self._health)

    def complete(self, timeout_seconds: float) -> Answer:
        self.asked.append("completion")
        return next(self._completions)

    def tokens_made(self) -> float | None:
        return self._tokens()


def _script(answers: list[Answer]) -> Iterator[Answer]:
    return chain(answers, repeat(answers[-1]))


def watch(vllm: ScriptedVllm, until: Callable[[Board], bool], seconds: float = 2.0) -> Board:
    board = Board()
    monitor = Monitor(vllm, board, FAST)
    monitor.start()
    deadline = time.monotonic() + seconds
    while not until(board) and time.monotonic() < deadline:
        time.sleep(0.005)
    monitor.stop()
    return board


def test_no_completion_is_asked_before_vllm_is_healthy() -> None:
    vllm = ScriptedVllm([BAD, BAD, GOOD], [GOOD], lambda: 0.0)
    board = watch(vllm, lambda board: board.condition.phase is Phase.SERVING)
    assert board.condition.phase is Phase.SERVING
    assert vllm.asked[:4] == ["health", "health", "health", "completion"]


def test_a_healthy_vllm_that_completes_nothing_stays_loading() -> None:
    vllm = ScriptedVllm([GOOD], [Answer(False, "status 404")], lambda: 0.0)
    board = watch(vllm, lambda board: vllm.asked.count("completion") > 3)
    assert board.condition.phase is Phase.LOADING
    assert board.condition.reason == "status 404"


def test_a_hung_vllm_is_found_by_completions() -> None:
    vllm = ScriptedVllm([GOOD], [GOOD, BAD], lambda: 7.0)
    board = watch(vllm, lambda board: board.condition.failures >= FAST.probe_failures)
    assert not readiness.live(board.condition, FAST, time.monotonic()).is_good


def test_a_full_queue_is_not_taken_for_a_hung_engine() -> None:
    vllm = ScriptedVllm([GOOD], [GOOD, Answer(False, "status 503")], time.monotonic)
    board = watch(vllm, lambda board: vllm.asked.count("completion") > 6)
    assert board.condition.failures == 0


def test_a_stopped_monitor_asks_nothing_more() -> None:
    vllm = ScriptedVllm([GOOD], [GOOD], lambda: 0.0)
    watch(vllm, lambda board: board.condition.phase is Phase.SERVING)
    time.sleep(0.05)
    asked = len(vllm.asked)
    time.sleep(0.05)
    assert len(vllm.asked) == asked
