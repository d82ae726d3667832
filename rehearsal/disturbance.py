"""Applies faults to the running rehearsal, and takes them back."""

import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rehearsal import faults
from rehearsal.balancer.node import Node
from rehearsal.balancer.read import traffic_weights
from rehearsal.cloud.capacity import CapacityMarket
from rehearsal.cloud.server import Cloud
from rehearsal.containers import Containers
from rehearsal.ecs.scheduler import Scheduler
from rehearsal.errors import UnknownFault
from rehearsal.faults import KINDS, Fault, Setting
from stacks.manifest import Manifest
from stacks.naming import Colour, Part


class Disturbance:
    """The faults that hold now."""

    def __init__(
        self,
        *,
        manifest: Manifest,
        elbv2: Any,
        scheduler: Scheduler,
        nodes: Sequence[Node],
        market: CapacityMarket,
        cloud: Cloud,
        containers: Containers,
    ) -> None:
        self._manifest, self._elbv2, self._scheduler, self._nodes = manifest, elbv2, scheduler, nodes
        self._market, self._cloud, self._containers = market, cloud, containers
        self._active: dict[Fault, Setting] = {}
        self._calm_delays_seconds = [node.delay_seconds for node in nodes]
        self._calm_stale_seconds = cloud.stale_reads.maximum_seconds

    def set(self, name: str, colour: str | None, value: str | None) -> dict[str, Any]:
        """Set a fault. Raises UnknownFault for one that does not exist, or one that strikes and finds no task.

        What strikes is answered with `struck` and `at`, the moment before, in epoch seconds.
        """
        setting = faults.parse(name, colour, value)
        with self._cloud.lock:
            at = time.time()
            if KINDS[setting.fault].event:
                return {"struck": self._strike(setting), "at": at}
            if setting.fault is Fault.VLLM_GONE:
                return {"struck": self._take_vllm_away(setting), "at": at}
            self._active[setting.fault] = setting
            self._apply()
        return self.active()

    def heal(self, name: str | None) -> dict[str, Any]:
        """Take back one fault, or all."""
        with self._cloud.lock:
            if name is None:
                self._active.clear()
            else:
                self._active.pop(faults.parse(name, None, None).fault, None)
            self._apply()
        return self.active()

    def active(self) -> dict[str, Any]:
        return {"faults": [{"name": s.fault, "value": s.value, "colour": s.colour} for s in self._active.values()]}

    def _apply(self) -> None:
        late = self._active.get(Fault.PROPAGATION_DELAY)
        for node, calm in zip(self._nodes, self._calm_delays_seconds, strict=True):
            node.delay_seconds = calm
        if late is not None:
            self._nodes[-1].delay_seconds = late.value
        stale = self._active.get(Fault.STALE_READS)
        self._cloud.stale_reads.maximum_seconds = stale.value if stale else self._calm_stale_seconds
        self._market.available = self._scheduler.hosts.launchable = Fault.NO_G5 not in self._active
        if Fault.NO_FREE_GPU in self._active:
            self._scheduler.hosts.hold_maximum()
        else:
            self._scheduler.hosts.release_maximum()
        self._containers.faults = tuple(self._active.values())
        gone = self._active.get(Fault.VLLM_GONE)
        self._scheduler.held = {self._vllm_service(gone.colour)} if gone and gone.colour else set()

    def _strike(self, setting: Setting) -> str:
        for colour in [setting.colour] if setting.colour else self._colours_by_traffic():
            service = self._vllm_service(colour)
            struck = self._kill_vllm(service) if setting.fault is Fault.VLLM_DIES else self._lose_host(service)
            if struck:
                return struck
        raise _nothing_to_strike(setting)

    def _take_vllm_away(self, setting: Setting) -> str:
        """All tasks of one colour at once; their successors wait until it is healed."""
        for colour in [setting.colour] if setting.colour else self._colours_by_traffic():
            service = self._vllm_service(colour)
            if running := self._scheduler.running(service):
                self._active[Fault.VLLM_GONE] = replace(setting, colour=colour)
                self._apply()
                for task in running:
                    self._scheduler.signal_children(task, signal.SIGKILL)
                until = f"fab rehearsal.heal {setting.fault}"
                return f"{len(running)} vLLM tasks of {service} killed, none starts until `{until}`"
        raise _nothing_to_strike(setting)

    def _vllm_service(self, colour: Colour) -> str:
        return self._manifest.slot(Part.VLLM, colour).service

    def _colours_by_traffic(self) -> list[Colour]:
        """The vLLM colour that the live API colour calls comes first."""
        weights = traffic_weights(self._elbv2, self._manifest.door.traffic_rule_arn)
        api = sorted(Colour, key=lambda colour: -weights.get(self._manifest.api[colour].target_group_arn, 0))
        tasks = [task for colour in api for task in self._scheduler.running(self._manifest.api[colour].service)]
        called = [Colour(task.revision.environment["SWITCHYARD_MODEL_COLOUR"]) for task in tasks]
        return list(dict.fromkeys([*called, *Colour]))

    def _kill_vllm(self, service: str) -> str | None:
        running = self._scheduler.running(service)
        if not running:
            return None
        self._scheduler.signal_children(running[0], signal.SIGKILL)
        return f"vLLM of task {running[0].id} ({service}) killed"

    def _lose_host(self, service: str) -> str | None:
        host = self._scheduler.lose_host(service)
        return f"host {host} of {service} drops all packets" if host else None


def _nothing_to_strike(setting: Setting) -> UnknownFault:
    return UnknownFault(f"no vLLM task runs{f' on {setting.colour}' if setting.colour else ''}: deploy one first")
