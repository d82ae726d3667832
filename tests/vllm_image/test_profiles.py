"""A profile that could not work is refused when it is read, with everything that is wrong."""

from dataclasses import fields
from pathlib import Path

import pytest

from tests.vllm_image.factories import VALUES, a_profile
from vllm_image import profiles
from vllm_image.errors import ProfileInvalid
from vllm_image.profiles import GenerationConfig, Profile


@pytest.mark.parametrize("path", sorted(profiles.FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_profile_loads(path: Path) -> None:
    assert profiles.load(path.stem).name == path.stem


def test_resume_analysis_has_the_articles_length_and_share() -> None:
    profile = profiles.load("resume-analysis")
    assert (profile.max_model_length_tokens, profile.gpu_memory_share) == (2048, 0.90)
    assert profile.model == "mistralai/Mistral-7B-Instruct-v0.3"


def test_figures_of_the_articles_are_marked_as_unverified() -> None:
    assert "article, unverified" in (profiles.FOLDER / "resume-analysis.toml").read_text()


def test_every_setting_has_a_rule() -> None:
    for field in fields(Profile):
        if field.name != "name":
            assert profiles.problem_with(field.name, object()) is not None


def test_values_arrive_typed() -> None:
    profile = a_profile()
    assert profile.cudagraph_capture_sizes == (1, 2, 4, 8)
    assert profile.generation_config is GenerationConfig.NEUTRAL
    assert profile.shutdown_timeout_seconds is None


def test_all_problems_are_told_at_once_with_path_value_and_expectation() -> None:
    values = {**VALUES, "gpu_memory_share": 1.0, "enforce_eager": True}
    del values["gpu"]
    with pytest.raises(ProfileInvalid) as caught:
        profiles.from_values("tight", values)
    message = str(caught.value)
    assert message.startswith("tight.toml: 3 problem(s)")
    assert "gpu_memory_share: 1.0, expected a number from 0.1 to 0.95" in message
    assert "enforce_eager: True, expected no such setting" in message
    assert "gpu: missing, expected a text" in message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("gpu_memory_share", 0.96),
        ("gpu_memory_share", True),
        ("max_model_length_tokens", "2048"),
        ("max_model_length_tokens", 0),
        ("max_running_requests", True),
        ("cudagraph_capture_sizes", [1, 2, 2]),
        ("cudagraph_capture_sizes", []),
        ("generation_config", "Auto"),
        ("sse_keep_alive_interval_seconds", 0),
        ("model", " "),
    ],
)
def test_a_value_out_of_range_is_refused(key: str, value: object) -> None:
    with pytest.raises(ProfileInvalid, match=key):
        a_profile(**{key: value})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"max_in_flight_requests": 7}, "max_in_flight_requests: 7, expected at least max_running_requests"),
        ({"max_batched_tokens": 7}, "max_batched_tokens: 7, expected at least max_running_requests"),
        ({"cudagraph_capture_sizes": [1, 16]}, "cudagraph_capture_sizes: largest is 16, expected at most"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ProfileInvalid, match=told):
        a_profile(**changes)


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileInvalid, match=r"profile 'chat': expected one of resume-analysis"):
        profiles.load("chat")


def test_a_profile_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside.toml").write_text("")
    (tmp_path / "profiles").mkdir()
    with pytest.raises(ProfileInvalid, match=r"outside"):
        profiles.load("../outside", tmp_path / "profiles")


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("model = ")
    with pytest.raises(ProfileInvalid, match=r"broken\.toml: not TOML"):
        profiles.load("broken", tmp_path)
