"""The container's command: `python3 launch.py` in this folder.

Starts vLLM as profile and environment say, once its model is on this host, answers /ready and /live on port 8001,
turns SIGTERM into a drain, and exits with vLLM's code. All variables: settings.py.
"""

import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

if not __package__:  # run as a script: the folder it lies in is the package
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from vllm_image import arguments, profiles, settings, staging
from vllm_image.errors import LaunchError
from vllm_image.settings import Download, Settings
from vllm_image.supervisor import Supervisor


def main() -> int:
    """Run the container; the exit code is vLLM's, or 1 with one message when it cannot start.

    Told to stop before vLLM runs, it ends at once with 128 and the signal's number.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s launch %(levelname)s %(message)s")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)  # the first process of a container has no default for it: it would be ignored
    try:
        found = settings.read(os.environ)
        profile = profiles.load(found.profile)
        arguments.check(profile, found)
        is_staged = _is_staged(Path(arguments.model_path(profile, found)), found)
        plan = arguments.plan(profile, found, os.environ, is_staged)
        return Supervisor(plan, found).run()
    except LaunchError as error:
        print(f"launch: {error}", file=sys.stderr)
        return 1


def _is_staged(folder: Path, found: Settings) -> bool:
    if found.download is Download.ALLOW:
        return folder.is_dir()
    return staging.wait(folder, found.timing.start_allowance_seconds, found.timing.start_poll_seconds)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
