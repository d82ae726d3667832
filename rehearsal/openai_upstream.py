"""The fake OpenAI, as a process of its own."""

import subprocess
import sys
import urllib.request

from rehearsal.errors import StartFailed
from rehearsal.processes import ProcessRegistry, base_environment, stop, wait_until
from rehearsal.settings import REPOSITORY, RehearsalSettings

_PORT = 8090
_START_SECONDS = 15.0


class OpenAiUpstream:
    """Serves `base_url` until stopped."""

    def __init__(self, registry: ProcessRegistry, address: str, settings: RehearsalSettings) -> None:
        self._registry, self._address, self._settings = registry, address, settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://{self._address}:{_PORT}/v1"

    def start(self) -> None:
        """Start without waiting: it is up long before the first request."""
        argv = [sys.executable, "-m", "rehearsal.fake_openai", "--host", self._address, "--port", str(_PORT)]
        environment = base_environment() | {"SWITCHYARD_GENERATIONS": str(self._settings.generations)}
        log = self._settings.logs / "openai.log"
        self._process = self._registry.start(argv, environment=environment, working_directory=REPOSITORY, log=log)

    def wait_until_up(self) -> None:
        if not wait_until(self._answers, _START_SECONDS):
            raise StartFailed(f"the fake OpenAI did not come up: see {self._settings.logs / 'openai.log'}")

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, patience_seconds=2.0)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://{self._address}:{_PORT}/health", timeout=1).close()
        except OSError:
            return False
        return True
