"""Waits for the model's folder: a new model may reach the host after the task that needs it.

A host brings what is complete in the bucket each minute, and puts it there by one rename (stacks/host_models.sh): a
folder that is there is the whole model. Nothing listens meanwhile, so nobody can take the container for ready.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

_LINE_SECONDS = 30.0
_log = logging.getLogger("launch")


def wait(
    folder: Path,
    limit_seconds: float,
    poll_seconds: float,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Whether the folder is there in the end. A line each half minute says what is waited for, and how long yet."""
    began = now()
    said = began - _LINE_SECONDS
    while not folder.is_dir():
        at = now()
        if at - began >= limit_seconds:
            return False
        if at - said >= _LINE_SECONDS:
            _log.info("waiting for model folder %s (%.0f of %g s)", folder, at - began, limit_seconds)
            said = at
        sleep(min(poll_seconds, limit_seconds - (at - began)))
    return True
