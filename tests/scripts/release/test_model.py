"""Strings from the command line into a change of a release."""

import pytest

from scripts.errors import Refused
from scripts.release.model import Content, change, release_id
from tests.scripts.examples import digest
from tests.scripts.fake_clock import FakeClock

LIVE = Content(digest("api-1"), digest("vllm-1"), "resume", "1", "resume-analysis")


@pytest.mark.parametrize("image", ["", "sha256:", "sha256:abc", "api:latest", digest("a").upper(), digest("a") + "0"])
def test_an_image_without_full_digest_is_refused(image: str) -> None:
    with pytest.raises(Refused, match="expected a full digest"):
        change(image, None, None, None)


@pytest.mark.parametrize("model", ["resume", "@1", "resume@", "@"])
def test_a_model_needs_name_and_revision(model: str) -> None:
    with pytest.raises(Refused, match="expected NAME@REVISION"):
        change(None, None, model, None)


def test_nothing_given_is_nothing_to_release() -> None:
    with pytest.raises(Refused, match="nothing to release"):
        change(None, None, None, None)


def test_what_is_left_out_stays_as_on_the_live_release() -> None:
    assert change(None, None, "org/resume@2", None).applied_to(LIVE) == Content(
        LIVE.api_image, LIVE.vllm_image, "org/resume", "2", LIVE.profile
    )


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        (change(digest("api-2"), None, None, None), True),
        (change(None, digest("vllm-2"), None, None), False),
        (change(None, None, "resume@2", None), False),
        (change(None, None, None, "chat"), False),
    ],
)
def test_only_a_new_api_image_can_be_served_by_the_running_vllm(asked: object, same: bool) -> None:
    assert asked.applied_to(LIVE).same_inference(LIVE) is same  # type: ignore[attr-defined]


def test_release_ids_sort_by_time() -> None:
    clock = FakeClock()
    first = release_id(clock.now())
    clock.advance(1)
    assert first < release_id(clock.now())
