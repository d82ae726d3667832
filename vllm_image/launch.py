"""The container's command: `python3 launch.py` in this folder.

Starts vLLM as profile and environment say, answers /ready and /live on port 8001, turns SIGTERM into a
drain, and exits with vLLM's code. All variables: settings.py.
"""

import logging
import os
import sys
from pathlib import Path

if not __package__:  # run as a script: the folder it lies in is the package
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from vllm_image import arguments, profiles, settings
from vllm_image.errors import LaunchError
from vllm_image.supervisor import Supervisor


def main() -> int:
    """Run the container; the exit code is vLLM's, or 1 with one message when it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s launch %(levelname)s %(message)s")
    try:
        found = settings.read(os.environ)
        profile = profiles.load(found.profile)
        is_staged = Path(arguments.model_path(profile, found)).is_dir()
        plan = arguments.plan(profile, found, os.environ, is_staged)
        return Supervisor(plan, found).run()
    except LaunchError as error:
        print(f"launch: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
