"""The vLLM process: it never outlives this one, whatever ends this one."""

import contextlib
import ctypes
import os
import signal
import subprocess

from vllm_image.arguments import LaunchPlan
from vllm_image.errors import VllmMissing

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def start(plan: LaunchPlan) -> subprocess.Popen[bytes]:
    """Start vLLM in its own process group, so that one signal reaches its workers too.

    Call it before any thread starts: the child runs Python between fork and exec.
    Raises VllmMissing.
    """
    parent = os.getpid()
    try:
        return subprocess.Popen(
            plan.argv, env=dict(plan.environment), process_group=0, preexec_fn=lambda: _die_with(parent)
        )
    except FileNotFoundError as error:
        path = plan.environment.get("PATH", "")
        raise VllmMissing(f"vllm: no such executable on PATH ({path}): build the image from vLLM's own") from error


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever is left of vLLM, workers that survived their parent included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def exit_code(returncode: int, is_draining: bool) -> int:
    """What this process exits with when vLLM has ended with `returncode` (negative: by that signal).

    A vLLM that ends by itself is a failure even with code 0: nobody told it to.
    """
    code = 128 - returncode if returncode < 0 else returncode
    return code if is_draining else code or 1


def _die_with(parent: int) -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before the line above took effect
        os._exit(1)
