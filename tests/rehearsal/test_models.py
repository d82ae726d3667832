"""The rehearsal's bucket has what its stories release, so that pre-flight refuses a typo and nothing else."""

import itertools

import pytest

from rehearsal import models
from rehearsal.cloud.backends import Backends
from rehearsal.invitation import MODELS
from rehearsal.story.script import STORIES
from scripts.aws import buckets
from stacks.naming import model_marker
from stacks.policies.buckets import private
from tests.scripts.moto_environment import REGION, clients


@pytest.mark.parametrize("story", STORIES)
def test_a_story_releases_only_models_that_the_bucket_has(story: str) -> None:
    steps = [list(step.arguments) for step in itertools.islice(STORIES[story](), 40)]
    named = {arguments[arguments.index("--model") + 1] for arguments in steps if "--model" in arguments}
    assert named
    assert named <= set(MODELS)


def test_each_model_has_its_marker_and_no_other_has_one() -> None:
    with clients() as found:
        found.read("s3").create_bucket(Bucket="models")
        found.read("s3").put_bucket_policy(Bucket="models", Policy=private("arn:aws:s3:::models"))
        models.mark_all(Backends(REGION), "models")
        there = {model: buckets.has_object(found, "models", model_marker(model)) for model in (*MODELS, "typo@1")}
    assert there == {**dict.fromkeys(MODELS, True), "typo@1": False}
