"""One rehearsal until it is told to stop: by Ctrl-C, SIGTERM or the control server.

python -m rehearsal.supervise --port 8443
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress

from rehearsal.errors import RehearsalError
from rehearsal.settings import DEFAULT_PORT, RehearsalSettings, folder
from rehearsal.signals import sigterm_like_ctrl_c, undisturbed
from rehearsal.world import World


def hold(settings: RehearsalSettings, say: Callable[[str], None], when_ready: Callable[[World], None]) -> None:
    """Bring the rehearsal up, say so, hold it until it is told to stop, take it down."""
    world = World(settings, say)
    with sigterm_like_ctrl_c(), suppress(KeyboardInterrupt):
        try:
            world.up()
            when_ready(world)
            world.stop_asked.wait()
        finally:
            with undisturbed():
                say("stopping")
                world.down()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.supervise", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    settings = RehearsalSettings(folder=folder(), port=parser.parse_args(arguments).port)
    try:
        hold(settings, lambda text: print(text, flush=True), lambda world: None)
    except RehearsalError as error:
        print(f"Error: {error}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
