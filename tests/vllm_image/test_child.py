"""What the container exits with, as a function of how vLLM ended."""

import signal

import pytest

from vllm_image import child


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_drained_vllm_hands_its_code_on(code: int) -> None:
    assert child.exit_code(code, is_draining=True) == code


def test_a_vllm_that_ends_by_itself_is_a_failure_even_with_code_0() -> None:
    assert child.exit_code(0, is_draining=False) == 1
    assert child.exit_code(7, is_draining=False) == 7


def test_a_signal_is_told_as_a_shell_would() -> None:
    assert child.exit_code(-signal.SIGKILL, is_draining=False) == 137
    assert child.exit_code(-signal.SIGTERM, is_draining=True) == 143
