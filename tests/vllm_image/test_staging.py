"""Waiting for a model that is on its way to the host, on a clock that only the test moves."""

import logging
from pathlib import Path

import pytest

from vllm_image import staging


class Clock:
    """`arrives_at` is when the folder appears."""

    def __init__(self, folder: Path, arrives_at: float = float("inf")) -> None:
        self.seconds, self._folder, self._arrives_at = 0.0, folder, arrives_at

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds >= self._arrives_at:
            self._folder.mkdir(exist_ok=True)


def wait(clock: Clock, folder: Path, limit_seconds: float = 1800) -> bool:
    return staging.wait(folder, limit_seconds, 1, now=clock.now, sleep=clock.sleep)


def test_a_model_that_is_there_is_not_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock(tmp_path)
    with caplog.at_level(logging.INFO, "launch"):
        assert wait(clock, tmp_path)
    assert (clock.seconds, caplog.messages) == (0, [])


def test_a_model_that_arrives_is_seen_at_the_next_look(tmp_path: Path) -> None:
    folder = tmp_path / "m@1"
    clock = Clock(folder, arrives_at=75)
    assert wait(clock, folder)
    assert clock.seconds == 75


def test_each_half_minute_says_which_folder_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "m@1"
    with caplog.at_level(logging.INFO, "launch"):
        wait(Clock(folder, arrives_at=75), folder)
    assert caplog.messages == [f"waiting for model folder {folder} ({said} of 1800 s)" for said in (0, 30, 60)]


def test_a_model_that_never_comes_is_given_up_when_the_allowance_is_over(tmp_path: Path) -> None:
    folder = tmp_path / "m@1"
    clock = Clock(folder)
    assert not wait(clock, folder, limit_seconds=20.5)
    assert clock.seconds == 20.5


def test_a_file_in_the_folders_place_is_no_model(tmp_path: Path) -> None:
    folder = tmp_path / "m@1"
    folder.write_text("")
    assert not wait(Clock(folder), folder, limit_seconds=2)
