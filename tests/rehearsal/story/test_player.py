"""A step is a child process: with a limit, and never left behind."""

import sys
from pathlib import Path

from rehearsal.story.player import Player
from rehearsal.story.script import Step

WRITES_AND_STAYS = "import time; print('{}', flush=True); time.sleep(60)"
SAYS = "import sys; print('looking', file=sys.stderr); print('first'); print('{\"result\": \"done\"}'); sys.exit(2)"


def player(folder: Path, code: str, said: list[str], step_seconds: float = 20) -> Player:
    return Player(folder, said.append, program=(sys.executable, "-c", code), step_seconds=step_seconds)


def test_a_step_that_does_not_end_is_ended_and_is_a_problem(tmp_path: Path) -> None:
    played = player(tmp_path, WRITES_AND_STAYS, [], step_seconds=0.3).play(Step("settle", ("settle",)))
    assert played.problem == "did not end within 0.3 s"
    assert played.window.seconds < 10
    assert not played.window.as_expected


def test_a_step_is_noted_so_that_the_next_rehearsal_can_clear_it(tmp_path: Path) -> None:
    player(tmp_path, SAYS, []).play(Step("settle", ("settle",)))
    assert len((tmp_path / "processes.jsonl").read_text().splitlines()) == 1


def test_progress_is_shown_and_the_last_line_is_the_answer(tmp_path: Path) -> None:
    said: list[str] = []
    played = player(tmp_path, SAYS, said).play(Step("broken candidate", ("deploy-green",), exit_code=2))
    assert (played.answer, played.problem, said) == ({"result": "done"}, None, ["looking"])


def test_a_step_of_which_no_status_can_be_read_is_a_problem(tmp_path: Path) -> None:
    step = Step("switchover", ("switchover",), check=lambda before, after: None)
    played = player(tmp_path, "", []).play(step)
    assert played.problem is not None
    assert "gave no answer" in played.problem


NUMBERED = """
import json, pathlib, sys
calls = pathlib.Path({path!r})
with calls.open("a") as file:
    file.write(sys.argv[1] + " ")
print(json.dumps({{"number": len(calls.read_text().split())}}))
"""


def test_what_was_seen_after_a_step_is_what_the_next_one_is_held_against(tmp_path: Path) -> None:
    calls, held_against = tmp_path / "calls", []
    playing = player(tmp_path, NUMBERED.format(path=str(calls)), [])
    for name in ("switchover", "rollback"):
        playing.play(Step(name, (name,), check=lambda before, after: held_against.append((before, after))))
    assert calls.read_text().split() == ["status", "switchover", "status", "rollback", "status"]
    assert [(before["number"], after["number"]) for before, after in held_against] == [(1, 3), (3, 5)]


def test_after_a_step_that_nobody_looked_at_the_status_is_asked_anew(tmp_path: Path) -> None:
    calls, held_against = tmp_path / "calls", []
    playing = player(tmp_path, NUMBERED.format(path=str(calls)), [])
    looked_at = Step("switchover", ("switchover",), check=lambda before, after: held_against.append((before, after)))
    for step in (looked_at, Step("settle", ("settle",)), looked_at):
        playing.play(step)
    assert [(before["number"], after["number"]) for before, after in held_against] == [(1, 3), (5, 7)]


COUNTS = """
import json, pathlib, sys
file = pathlib.Path({path!r})
number = int(file.read_text()) + 1 if file.exists() else 1
file.write_text(str(number))
print(json.dumps({{"number": number}}))
"""


def test_a_step_is_repeated_until_its_answer_lacks_nothing(tmp_path: Path) -> None:
    step = Step("its breaker opens", ("breaker.status",), until=lambda answer: None if answer["number"] > 2 else "no")
    played = player(tmp_path, COUNTS.format(path=str(tmp_path / "count")), []).play(step)
    assert (played.answer, played.problem) == ({"number": 3}, None)


def test_a_step_whose_answer_always_lacks_something_is_given_up_and_says_what(tmp_path: Path) -> None:
    step = Step("its breaker opens", ("breaker.status",), until=lambda answer: "the breaker is still closed")
    code = COUNTS.format(path=str(tmp_path / "count"))
    patient = Player(tmp_path, lambda line: None, program=(sys.executable, "-c", code), until_seconds=0.1)
    assert patient.play(step).problem == "the breaker is still closed after 0.1 s"


def test_a_step_that_fails_is_not_repeated(tmp_path: Path) -> None:
    step = Step("its breaker opens", ("breaker.status",), until=lambda answer: "never")
    code = COUNTS.format(path=str(tmp_path / "count")) + "sys.exit(1)"
    played = player(tmp_path, code, []).play(step)
    assert (played.answer, played.problem) == ({"number": 1}, "exit code 1, expected 0")


def test_a_step_that_asks_for_a_value_is_given_it(tmp_path: Path) -> None:
    said: list[str] = []
    code = "import sys; print(sys.stdin.read().strip(), file=sys.stderr)"
    player(tmp_path, code, said).play(Step("secrets.set", ("secrets.set", "openai-key"), typed="a value\n"))
    assert said == ["a value"]


def test_a_step_that_ends_before_it_reads_is_no_error_of_the_player(tmp_path: Path) -> None:
    step = Step("secrets.set", ("secrets.set", "openai-key"), exit_code=1, typed="a value\n" * 100_000)
    assert player(tmp_path, "import sys; sys.exit(1)", []).play(step).problem is None
