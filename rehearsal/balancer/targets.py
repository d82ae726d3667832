"""Which targets are registered, and which still drain. moto forgets a target the moment it is deregistered."""

import threading
import time
from collections.abc import Callable
from enum import StrEnum

from rehearsal.balancer.model import Endpoint


class TargetState(StrEnum):
    """The states that DescribeTargetHealth reports."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DRAINING = "draining"


class Targets:
    """The targets of all groups. `delay_seconds` answers the deregistration delay of a group's ARN."""

    def __init__(self, delay_seconds: Callable[[str], float], clock: Callable[[], float] = time.monotonic) -> None:
        self._delay_seconds, self._clock = delay_seconds, clock
        self._lock = threading.Lock()
        self._registered: dict[str, dict[Endpoint, TargetState]] = {}
        self._draining: dict[str, dict[Endpoint, float]] = {}

    def register(self, group_arn: str, address: str, port: int) -> None:
        with self._lock:
            self._registered.setdefault(group_arn, {})[Endpoint(address, port)] = TargetState.INITIAL

    def deregister(self, group_arn: str, address: str, port: int) -> None:
        """No new requests from now on; those in flight have the group's deregistration delay."""
        endpoint = Endpoint(address, port)
        with self._lock:
            if self._registered.get(group_arn, {}).pop(endpoint, None) is not None:
                until = self._clock() + self._delay_seconds(group_arn)
                self._draining.setdefault(group_arn, {})[endpoint] = until

    def health(self, group_arn: str, address: str, port: int) -> str | None:
        """The target's state; None once it is unused."""
        return self.states(group_arn).get(Endpoint(address, port))

    def states(self, group_arn: str) -> dict[Endpoint, TargetState]:
        """Every target that DescribeTargetHealth would show."""
        now = self._clock()
        with self._lock:
            draining = self._draining.get(group_arn, {})
            for endpoint in [e for e, until in draining.items() if until <= now]:
                del draining[endpoint]
            return dict.fromkeys(draining, TargetState.DRAINING) | self._registered.get(group_arn, {})

    def registered(self, group_arn: str) -> list[Endpoint]:
        with self._lock:
            return list(self._registered.get(group_arn, {}))

    def observe(self, group_arn: str, seen: dict[Endpoint, TargetState]) -> None:
        """Note what the nodes' health checks found."""
        with self._lock:
            known = self._registered.get(group_arn, {})
            known.update({endpoint: state for endpoint, state in seen.items() if endpoint in known})
