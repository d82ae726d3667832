"""The whole rehearsal, put together: read `World._up` as a table of contents. It comes down in reverse order."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from rehearsal import folder, gateway_metrics, ground, models, nodes, tls
from rehearsal.addresses import AddressPool
from rehearsal.balancer.controller import Balanced, Controller
from rehearsal.cloud import parameters
from rehearsal.cloud.backends import ACCOUNT_ID, Backends
from rehearsal.cloud.calls import Call
from rehearsal.cloud.capacity import CapacityMarket
from rehearsal.cloud.reserved import ReservationShop
from rehearsal.cloud.secret_versions import install_dates
from rehearsal.cloud.server import Cloud
from rehearsal.connection import Connection
from rehearsal.containers import Containers
from rehearsal.control import Control
from rehearsal.disturbance import Disturbance
from rehearsal.ecs.credentials import of_roles
from rehearsal.ecs.hosts import Hosts
from rehearsal.ecs.runner import Runner
from rehearsal.ecs.scheduler import Scheduler
from rehearsal.ecs.views import Views
from rehearsal.facts import Facts
from rehearsal.gateway_metrics import TierCounts
from rehearsal.generations import Upstream
from rehearsal.openai_upstream import OpenAiUpstream
from rehearsal.processes import ProcessRegistry
from rehearsal.settings import RehearsalSettings
from stacks.manifest import Manifest
from stacks.naming import Colour, Names, Part

_NAMES = Names(ground.ENVIRONMENT)


class World:
    """One rehearsal in this process. `up` raises a RehearsalError, having cleaned up, when it cannot start."""

    connection: Connection
    manifest: Manifest

    def __init__(self, settings: RehearsalSettings, say: Callable[[str], None]) -> None:
        self.settings, self._say = settings, say
        self._stack = ExitStack()
        self._began = time.monotonic()
        self.stop_asked = threading.Event()
        self.api_keys: dict[str, str] = {}

    def up(self) -> Connection:
        """Start everything. Seconds pass: `say` tells what is going on."""
        try:
            return self._up()
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """Stop everything, in reverse order. Twice does no harm."""
        self._stack.close()

    def set_fault(self, name: str, colour: str | None, value: str | None) -> dict[str, Any]:
        return self._disturbance.set(name, colour, value)

    def heal(self, name: str | None) -> dict[str, Any]:
        return self._disturbance.heal(name)

    def faults(self) -> dict[str, Any]:
        return self._disturbance.active()

    def facts(self) -> dict[str, Any]:
        return self._facts.gather()

    def openai_counts(self) -> TierCounts:
        """What the gateway tasks that run now say of the tier OpenAI."""
        with self._cloud.lock:
            services = [self.manifest.slot(Part.API, colour).service for colour in Colour]
            addresses = [task.address for service in services for task in self._scheduler.running(service)]
        return gateway_metrics.read(addresses, Upstream.OPENAI)

    @property
    def gpu_usd_per_hour(self) -> float:
        """What the hosts of one vLLM colour at its minimum cost on demand."""
        return self.manifest.capacity.hourly_usd * self.manifest.slot(Part.VLLM, Colour.BLUE).minimum_count

    def observe(self, before_answer: Callable[[Call], None]) -> None:
        """Be called with every AWS call after it was served, before its answer goes out."""
        self._cloud.before_answer = before_answer

    def ask_to_stop(self) -> dict[str, Any]:
        self.stop_asked.set()
        return {"stopping": True}

    def _up(self) -> Connection:
        folder.check_machine()
        self._take_folder()
        self._start_cloud()
        self._start_openai()
        self._provision()
        self._start_balancers()
        self._start_scheduler()
        self._start_control()
        return self._connect()

    def _take_folder(self) -> None:
        self._registry: ProcessRegistry = self._stack.enter_context(folder.held(self.settings.folder))
        door = nodes.door_addresses(self.settings)
        folder.check_door(door, self.settings.port)
        self._addresses = AddressPool()
        self._stack.callback(self._addresses.close)
        self._certificate = tls.make(self.settings.folder / "tls", door)

    def _start_cloud(self) -> None:
        self._say("starting AWS (moto)")
        self._cloud = Cloud(self.settings.region)
        self._stack.callback(self._cloud.stop)
        self._cloud.start()
        self._cloud.stale_reads.maximum_seconds = self.settings.stale_reads_seconds
        self._backends = Backends(self.settings.region)
        self._market = CapacityMarket(
            ACCOUNT_ID, self.settings.region, self.settings.gpu_quota_vcpus, self.settings.reservation_pending_seconds
        )
        self._market.install()
        self._shop = ReservationShop()
        self._shop.install()
        parameters.install()
        install_dates(self._backends)
        self._controller = Controller(self._backends.elbv2, self._cloud.lock)
        self._controller.install()
        self._containers = Containers(self.settings)
        self._scheduler = self._make_scheduler()
        self._market.host_zones = lambda: [host.zone for host in self._scheduler.hosts.all if host.active]
        Views(self._scheduler, self._backends).install()

    def _make_scheduler(self) -> Scheduler:
        boot, idle = self.settings.host_boot_seconds, self.settings.host_idle_seconds
        credentials = of_roles(self._cloud.endpoint_url, _NAMES.role(""))
        return Scheduler(
            backends=self._backends,
            lock=self._cloud.lock,
            runner=Runner(self._registry, self._containers.surroundings(credentials), self._backends.secret_value),
            hosts=Hosts(self._backends, boot, idle, gpus_per_host=1),
            targets=self._controller.targets,
            new_address=self._addresses.task,
            behaviour=self._containers.prepare,
            host_lost_seconds=self.settings.host_lost_seconds,
        )

    def _start_openai(self) -> None:
        self._openai = OpenAiUpstream(self._registry, self._addresses.fixed(0, 2), self.settings)
        self._stack.callback(self._openai.stop)
        self._openai.start()

    def _provision(self) -> None:
        self._say("provisioning: the Pulumi program, realised in moto")
        account = ground.Account(self._cloud.endpoint_url, self.settings.region)
        overrides = ground.overrides(
            certificate_arn=ground.import_certificate(account, self._certificate),
            openai_base_url=self._openai.base_url,
            internal_address=nodes.internal_address(self._addresses),
        )
        self._provisioned = ground.provision(account, overrides, self.settings.folder, self._registry)
        self.manifest = ground.read_manifest(account)
        self._shop.on_demand_usd = self.manifest.capacity.hourly_usd
        self.api_keys = ground.fill(account, self.manifest)
        with self._cloud.lock:
            models.mark_all(self._backends, self.manifest.model_bucket)
        self._openai.wait_until_up()

    def _start_balancers(self) -> None:
        self._say("starting the load balancers' nodes (Envoy)")
        self._public = nodes.public_nodes(self.settings, self._addresses, self._certificate, self._registry)
        internal = nodes.internal_node(self.settings, self._addresses, self._registry)
        self._stack.callback(self._controller.stop)
        public_name, internal_name = _NAMES.load_balancer("public"), _NAMES.load_balancer("internal")
        self._controller.start([Balanced(public_name, self._public), Balanced(internal_name, [internal])])

    def _start_scheduler(self) -> None:
        self._say("starting the ECS scheduler")
        self._scheduler.hosts.attach(self.manifest.capacity.autoscaling_group)
        self._stack.callback(self._scheduler.stop)
        self._scheduler.start(self.manifest.cluster)

    def _start_control(self) -> None:
        self._disturbance = Disturbance(
            manifest=self.manifest,
            elbv2=self._backends.elbv2,
            scheduler=self._scheduler,
            nodes=self._public,
            market=self._market,
            cloud=self._cloud,
            containers=self._containers,
        )
        self._facts = Facts(self._cloud, self._backends, self._provisioned)
        self._stack.callback(self._facts.stop)
        self._control = Control(self)
        self._stack.callback(self._control.stop)

    def _connect(self) -> Connection:
        key_file = self.settings.folder / "api-key"
        key_file.touch(mode=0o600)
        key_file.write_text(self.api_keys["you"])
        addresses = [f"{address}:{self.settings.port}" for address in nodes.door_addresses(self.settings)]
        self.connection = Connection(
            endpoint_url=self._cloud.endpoint_url,
            region=self.settings.region,
            public_url=f"https://{addresses[0]}",
            nodes=tuple(addresses),
            ca_file=str(self._certificate.authority),
            control_url=self._control.url,
            pid=os.getpid(),
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self.connection.write(self.settings.connection_file)
        self._stack.callback(self.settings.connection_file.unlink, missing_ok=True)
        self._say(f"ready after {time.monotonic() - self._began:.1f} s")
        return self.connection
