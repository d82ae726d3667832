"""The traffic of a story: the generator as a child process, and its account afterwards."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

from rehearsal import generations, invitation
from rehearsal.processes import ProcessRegistry, base_environment, stop
from rehearsal.settings import REPOSITORY
from rehearsal.traffic import accounting, origins, record
from rehearsal.traffic.accounting import Account, StepWindow
from rehearsal.traffic.outage import Outage
from rehearsal.world import World

STREAM_SHARE = 0.5
# In-flight requests may take as long as a client waits.
_PATIENCE_SECONDS = 25.0


class Load:
    """Traffic through the public door at a steady rate, from `start` to `stop`."""

    def __init__(self, world: World, rate_per_second: float) -> None:
        self._world, self._rate = world, rate_per_second
        self._out = world.settings.folder / "traffic.jsonl"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settings, connection = self._world.settings, self._world.connection
        self._out.unlink(missing_ok=True)
        nodes = [word for node in connection.nodes for word in ("--node", node)]
        options = ["--rate", f"{self._rate:g}", "--stream-share", f"{STREAM_SHARE:g}", "--model", invitation.MODEL]
        argv = [sys.executable, "-m", "rehearsal.traffic", "--url", connection.public_url, *nodes]
        self._process = ProcessRegistry(settings.folder).start(
            [*argv, "--ca-file", connection.ca_file, *options, "--out", str(self._out)],
            environment=base_environment() | {"SWITCHYARD_API_KEY": self._world.api_keys["traffic"]},
            working_directory=REPOSITORY,
            log=settings.logs / "traffic.log",
        )

    def stop(self) -> None:
        """Start no more requests, let those in flight end."""
        if self._process is not None:
            stop(self._process, _PATIENCE_SECONDS)

    def account(self, windows: Sequence[StepWindow], outage: Outage | None = None) -> Account:
        """What became of every request; of none, when the story ended before the load began."""
        if self._process is None:
            return accounting.account([], [], windows)
        completed = generations.read(self._world.settings.generations)
        ids = [entry.request_id for entry in completed]
        counted = accounting.account(record.read(self._out), ids, windows, outage)
        return replace(counted, wrong_model_ids=origins.wrong_model_ids(counted.records, completed))
