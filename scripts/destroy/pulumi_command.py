"""The `pulumi` command as a child process: whether it is there and knows the stack, and running it.

What it prints goes to stderr, because stdout belongs to reports. It inherits the environment's variables, where its
backend and passphrase are; nothing secret is on its command line.
"""

import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

from scripts.errors import Refused
from stacks.offline.settings import REPOSITORY

_LOOK_SECONDS = 120


def require(environment: str) -> None:
    """Raises Refused where the command is absent, not logged in, or does not know the stack."""
    if shutil.which("pulumi") is None:
        raise Refused("the `pulumi` command is not there, and the last step needs it: install Pulumi's CLI")
    argv = ("pulumi", "stack", "--show-name", "--stack", environment, "--non-interactive")
    try:
        looked = subprocess.run(
            argv, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_LOOK_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"`{' '.join(argv)}` did not answer within {_LOOK_SECONDS} s") from None
    if looked.returncode:
        said = (looked.stderr.strip() or looked.stdout.strip() or "no reason").splitlines()[-1]
        raise Refused(
            f"`pulumi` cannot open stack {environment}: {said}; log in where its state is (`pulumi login s3://…`)"
        )


def run(argv: Sequence[str]) -> int:
    """The exit status. An interrupt is handed on once each time and waited for: a killed Pulumi leaves its lock."""
    child = subprocess.Popen(
        argv, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), start_new_session=True
    )
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal.SIGINT)
