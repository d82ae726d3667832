"""What the stories cover: together they act as the deployer and the operator in all that these do."""

import itertools

import pytest
from invoke.parser import Parser

from rehearsal.story.checks import breaker_closed, breaker_open, vllm_complete
from rehearsal.story.script import STORIES, Scene, operate, release
from scripts import ns
from scripts.roles import Role


def played(*stories: str) -> set[str]:
    return {step.arguments[0] for story in stories for step in itertools.islice(STORIES[story](), 40)}


def tasks_of(role: Role) -> set[str]:
    return {name for name in ns.task_names if ns[name].role is role}


def test_people_on_call_do_everything_that_is_theirs() -> None:
    assert tasks_of(Role.OPERATOR) - played("operate") == set()


def test_the_pipeline_does_everything_that_is_its_but_what_only_a_failure_needs() -> None:
    assert tasks_of(Role.DEPLOYER) - played("release") == {"abort"}


def test_vllm_is_killed_and_comes_back_within_the_story_of_a_release() -> None:
    steps = list(release())
    scenes = [step.scene for step in steps if step.scene]
    assert scenes == [Scene.LOAD_STARTS, Scene.VLLM_KILLED, Scene.VLLM_BACK]
    after_the_kill = steps[[step.scene for step in steps].index(Scene.VLLM_KILLED) + 1 :]
    assert [step.until for step in after_the_kill[:4]] == [breaker_open, None, breaker_closed, vllm_complete]
    assert after_the_kill[4:], "traffic must go on once vLLM is back, or nobody sees that it answers"


@pytest.mark.parametrize("story", ["release", "operate"])
def test_nobody_spends_money_or_changes_an_account_in_a_story(story: str) -> None:
    assert played(story) & tasks_of(Role.OWNER) == set()


@pytest.mark.parametrize("step", [*release(), *operate()], ids=lambda step: step.name)
def test_a_step_is_a_command_that_exists(step: object) -> None:
    Parser(contexts=ns.to_contexts()).parse_argv(list(step.arguments))  # type: ignore[attr-defined]
