"""Keeps the nodes in step with the API: reads moto, tells the nodes, gathers what their health checks say."""

import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.balancer.model import Endpoint, LoadBalancer
from rehearsal.balancer.node import Node
from rehearsal.balancer.read import load_balancer
from rehearsal.balancer.targets import Targets, TargetState
from rehearsal.cloud.additions import AwsError, install

TICK_SECONDS = 0.1
_HEALTH_EVERY_TICKS = 3
_REASONS = {
    TargetState.INITIAL: ("Elb.RegistrationInProgress", "Target registration is in progress"),
    TargetState.UNHEALTHY: ("Target.FailedHealthChecks", "Health checks failed"),
    TargetState.DRAINING: ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
}


@dataclass
class Balanced:
    """A load balancer with its nodes."""

    name: str
    nodes: Sequence[Node]


class Controller:
    """Both load balancers of the rehearsal."""

    def __init__(self, elbv2: Any, lock: threading.RLock) -> None:
        self._elbv2, self._lock = elbv2, lock
        self.targets = Targets(self._delay_seconds)
        self._balanced: list[Balanced] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="balancer", daemon=True)

    def install(self) -> None:
        install("elbv2", {"describe_target_health": self.describe_target_health})

    def start(self, balanced: Sequence[Balanced]) -> None:
        self._balanced = list(balanced)
        for entry in self._balanced:
            state = self._read(entry.name)
            for node in entry.nodes:
                node.start(state)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        for node in self.nodes():
            node.stop()

    def nodes(self, name: str | None = None) -> list[Node]:
        return [node for entry in self._balanced if name in (None, entry.name) for node in entry.nodes]

    def describe_target_health(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """DescribeTargetHealth, with the states that the nodes' checks found."""
        arn = wanted["TargetGroupArn"]
        if arn not in self._elbv2.target_groups:
            raise AwsError("TargetGroupNotFound", f"One or more target groups not found: {arn}")
        return {"TargetHealthDescriptions": [_description(e, s) for e, s in self.targets.states(arn).items()]}

    def tick(self, check_health: bool) -> None:
        """One round for every node."""
        for entry in self._balanced:
            state = self._read(entry.name)
            registered = {group.arn: self.targets.registered(group.arn) for group in state.groups}
            for node in entry.nodes:
                node.follow_groups(state, registered)
                node.follow_rules(state)
                node.apply_due(time.monotonic())
            if check_health:
                self._gather(entry, state)

    def _loop(self) -> None:
        ticks = 0
        while not self._stopping.wait(TICK_SECONDS):
            ticks += 1
            try:
                self.tick(check_health=ticks % _HEALTH_EVERY_TICKS == 0)
            except Exception:  # the loop must outlive a surprise, and the log must show it
                traceback.print_exc()

    def _read(self, name: str) -> LoadBalancer:
        with self._lock:
            return load_balancer(self._elbv2, name)

    def _gather(self, entry: Balanced, state: LoadBalancer) -> None:
        reports = [node.health(state.groups) for node in entry.nodes]
        for group in state.groups:
            self.targets.observe(group.arn, merge([report.get(group.arn, {}) for report in reports]))

    def _delay_seconds(self, group_arn: str) -> float:
        group = self._elbv2.target_groups[group_arn]
        return float(group.attributes["deregistration_delay.timeout_seconds"])


def merge(reports: Sequence[dict[Endpoint, TargetState]]) -> dict[Endpoint, TargetState]:
    """One verdict of several nodes: healthy only where every node says so."""
    everybody = {endpoint for report in reports for endpoint in report}
    return {e: _worst([report.get(e, TargetState.INITIAL) for report in reports]) for e in everybody}


def _worst(states: Sequence[TargetState]) -> TargetState:
    for state in (TargetState.INITIAL, TargetState.UNHEALTHY):
        if state in states:
            return state
    return TargetState.HEALTHY


def _description(endpoint: Endpoint, state: TargetState) -> dict[str, Any]:
    reason, text = _REASONS.get(state, (None, None))
    health = {"State": state.value} | ({"Reason": reason, "Description": text} if reason else {})
    return {"Target": {"Id": endpoint.address, "Port": endpoint.port}, "TargetHealth": health}
