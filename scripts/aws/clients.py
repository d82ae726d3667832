"""SDK clients, made once each, with explicit time limits.

Reads and ledger writes retry inside the SDK. What changes something in AWS is attempted once, because each attempt
must follow a fresh look at the lock: that retry loop is the runner's.
"""

import threading
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.session import Session


def _config(connect_seconds: float, read_seconds: float, attempts: int) -> Config:
    return Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        user_agent_extra="switchyard",
    )


_READ = _config(2, 10, attempts=4)
_WRITE = _config(2, 10, attempts=1)
_HASTY = _config(0.5, 0.5, attempts=1)


class Clients:
    """One client for each service and purpose. Safe to use from several threads."""

    def __init__(self, session: Session, region: str, endpoint_url: str | None = None) -> None:
        self.session = session
        self.region = region
        self._endpoint_url = endpoint_url
        self._made: dict[tuple[str, int], Any] = {}
        # The SDK's session is not safe to make clients from in several threads.
        self._making = threading.Lock()

    def read(self, service: str) -> Any:
        return self._client(service, _READ)

    def write(self, service: str) -> Any:
        return self._client(service, _WRITE)

    def hasty(self, service: str) -> Any:
        """For what must not hold a rollback up."""
        return self._client(service, _HASTY)

    def _client(self, service: str, config: Config) -> Any:
        key = (service, id(config))
        with self._making:
            if key not in self._made:
                make: Callable[..., Any] = self.session.create_client
                self._made[key] = make(service, region_name=self.region, endpoint_url=self._endpoint_url, config=config)
            return self._made[key]
