"""vLLM in both colours: template, services and scalable targets, one whole GPU a task on the capacity provider."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.capacity import Capacity
from stacks.components.coloured_service import ColouredService, ColouredServiceArgs, coloured_service
from stacks.components.foundation import Foundation
from stacks.components.internal_balancer import InternalBalancer
from stacks.components.template import TemplateArgs, template
from stacks.containers import VLLM, VLLM_PORT, VLLM_READY_PORT, VLLM_USER, Check, Container, vllm
from stacks.hosts import HOST_FOLDERS
from stacks.naming import Colour, Part

_COMMAND = ("python3", "launch.py")
_CHECK = ("CMD", "python3", "probe.py")
# ECS's maximum; what takes longer is covered by the service's grace.
_START_SECONDS = 300
# A restart stops half of the tasks first, because there is no spare GPU to start their successors on.
_MINIMUM_HEALTHY_PERCENT, _MAXIMUM_PERCENT = 50, 100
_CPU_UNITS_LEFT_TO_HOST = 512
# Written at run time. The models and compile caches outlive a task: they are the host's (`HOST_FOLDERS`).
_TASK_VOLUMES = {"tmp": "/tmp", "home": "/home/vllm"}  # noqa: S108 - a path in the container
_HOST_VOLUMES = {"cache": "/var/cache/switchyard", "models": "/models"}


@dataclass(frozen=True)
class InferenceArgs:
    foundation: Foundation
    internal: InternalBalancer
    capacity: Capacity


class Inference(pulumi.ComponentResource):
    """Both colours of vLLM."""

    template: aws.ecs.TaskDefinition
    services: dict[Colour, ColouredService]

    def __init__(self, name: str, args: InferenceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Inference", name, {}, opts)
        self._stem, self._foundation = name, args.foundation
        self._internal, self._capacity = args.internal, args.capacity
        self.template = self._template()
        self.services = {colour: self._service(colour) for colour in Colour}
        self.register_outputs({"templateArn": self.template.arn})

    def _template(self) -> aws.ecs.TaskDefinition:
        found = pulumi.Output.all(
            image=self._foundation.image(Part.VLLM), collector=self._foundation.telemetry.variables(VLLM, VLLM_PORT)
        )
        args = TemplateArgs(
            family=self._foundation.names.template(Part.VLLM),
            launch_type="EC2",
            containers=found.apply(lambda known: self._definitions(known["image"], known["collector"])),
            task_role_arn=self._foundation.identity.task_role_arns[Part.VLLM],
            execution_role_arn=self._foundation.identity.execution_role_arns[Part.VLLM],
            volumes=_volumes([*_TASK_VOLUMES, *self._foundation.shell_volumes]),
            tags={"Part": Part.VLLM.value},
        )
        return template(f"{self._stem}-template", args, self)

    def _definitions(self, image: str, collector: dict[str, str]) -> str:
        settings = self._foundation.settings
        container = Container(
            name=VLLM,
            image=image,
            user=VLLM_USER,
            command=_COMMAND,
            ports=(VLLM_PORT, VLLM_READY_PORT),
            environment=self._foundation.common_environment(),
            secrets={},
            check=Check(_CHECK, settings.health.container_check_interval_seconds, _START_SECONDS),
            stop_timeout_seconds=settings.times.stop_timeout_seconds,
            logs=self._foundation.logs(Part.VLLM),
            volumes={**_TASK_VOLUMES, **_HOST_VOLUMES, **self._foundation.shell_volumes},
            read_only_volumes=frozenset({"models"}),
        )
        kind, size = settings.hosts.kind, settings.vllm
        cpu_units = kind.vcpus * 1024 // kind.gpus - _CPU_UNITS_LEFT_TO_HOST
        definition = vllm(container, cpu_units, size.vllm_memory_mib, size.vllm_shared_memory_mib)
        variables = {**collector, **self._foundation.telemetry.queue_variables()}
        return json.dumps([definition, self._foundation.collector(variables, "workspace", "queue")])

    def _service(self, colour: Colour) -> ColouredService:
        foundation = self._foundation
        return coloured_service(
            f"{self._stem}-{colour}",
            ColouredServiceArgs(
                names=foundation.names,
                part=Part.VLLM,
                colour=colour,
                cluster_name=foundation.cluster.name,
                cluster_arn=foundation.cluster.arn,
                template_arn=self.template.arn,
                container=VLLM,
                port=VLLM_PORT,
                target_group_arn=self._internal.target_groups[colour].arn,
                subnet_ids=foundation.network.private_subnet_ids,
                security_group_id=foundation.firewall.vllm_id,
                grace_seconds=foundation.settings.health.vllm_grace_seconds,
                minimum_healthy_percent=_MINIMUM_HEALTHY_PERCENT,
                maximum_percent=_MAXIMUM_PERCENT,
                launch=self._launch(),
                execute_command=foundation.settings.access.execute_command,
                after=[*self._internal.listeners.values(), self._capacity.ready],
            ),
            self,
        )

    def _launch(self) -> dict[str, object]:
        """A strategy, not a launch type: only then does a waiting task bring a host. Rebalancing would stop tasks."""
        strategy = aws.ecs.ServiceCapacityProviderStrategyArgs(
            capacity_provider=self._capacity.provider_name, weight=1, base=0
        )
        zones = aws.ecs.ServiceOrderedPlacementStrategyArgs(type="spread", field="attribute:ecs.availability-zone")
        return {
            "capacity_provider_strategies": [strategy],
            "ordered_placement_strategies": [zones],
            "availability_zone_rebalancing": "DISABLED",
        }


def _volumes(of_the_task: list[str]) -> list[aws.ecs.TaskDefinitionVolumeArgs]:
    return [
        *(aws.ecs.TaskDefinitionVolumeArgs(name=name) for name in of_the_task),
        *(aws.ecs.TaskDefinitionVolumeArgs(name=name, host_path=HOST_FOLDERS[name]) for name in _HOST_VOLUMES),
    ]
