"""What the stories cover: together they act as the deployer and the operator in all that these do."""

import itertools

import pytest
from invoke.parser import Parser

from rehearsal.story.script import STORIES, operate, release
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


@pytest.mark.parametrize("story", ["release", "operate"])
def test_nobody_spends_money_or_changes_an_account_in_a_story(story: str) -> None:
    assert played(story) & tasks_of(Role.OWNER) == set()


@pytest.mark.parametrize("step", [*release(), *operate()], ids=lambda step: step.name)
def test_a_step_is_a_command_that_exists(step: object) -> None:
    Parser(contexts=ns.to_contexts()).parse_argv(list(step.arguments))  # type: ignore[attr-defined]
