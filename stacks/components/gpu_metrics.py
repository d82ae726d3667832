"""The GPUs' own metrics: on each host one task with NVIDIA's exporter and a collector.

Without a reservation a container sees no GPU on these hosts, and a reservation would take it from vLLM; so the exporter
asks the host's own DCGM engine, through its socket. That is untested on a real host: docs/capacity-provider.md.
"""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.capacity import Capacity
from stacks.components.foundation import Foundation, image_reference
from stacks.components.template import TemplateArgs, template
from stacks.containers import EXPORTER, EXPORTER_PORT, exporter
from stacks.hosts import GPU_ENGINE_FOLDER

_SERVICE = "gpu-metrics"
_VOLUME = "gpu-engine"


@dataclass(frozen=True)
class GpuMetricsArgs:
    foundation: Foundation
    capacity: Capacity


class GpuMetrics(pulumi.ComponentResource):
    """A daemon service. Pulumi owns it whole: it has no colour, and no release touches it."""

    def __init__(self, name: str, args: GpuMetricsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:GpuMetrics", name, {}, opts)
        self._stem, self._foundation = name, args.foundation
        service = self._service(self._task(), args.capacity)
        self.register_outputs({"serviceName": service.name})

    def _task(self) -> aws.ecs.TaskDefinition:
        foundation = self._foundation
        args = TemplateArgs(
            family=foundation.names.daemon(_SERVICE),
            launch_type="EC2",
            containers=foundation.telemetry.variables(EXPORTER, EXPORTER_PORT).apply(self._definitions),
            task_role_arn=foundation.identity.exporter_task_role_arn,
            execution_role_arn=foundation.identity.exporter_execution_role_arn,
            volumes=[aws.ecs.TaskDefinitionVolumeArgs(name=_VOLUME, host_path=GPU_ENGINE_FOLDER)],
        )
        return template(f"{self._stem}-task", args, self)

    def _definitions(self, collector: dict[str, str]) -> str:
        foundation = self._foundation
        image = image_reference(EXPORTER, foundation.settings.observation.gpu_exporter_image)
        ours = exporter(image, _VOLUME, GPU_ENGINE_FOLDER, foundation.logs(EXPORTER))
        return json.dumps([ours, foundation.collector(collector, "workspace")])

    def _service(self, task: aws.ecs.TaskDefinition, capacity: Capacity) -> aws.ecs.Service:
        """A launch type, because a daemon brings no host. ECS ends a host on which only daemons run."""
        foundation = self._foundation
        return aws.ecs.Service(
            f"{self._stem}-daemon",
            name=foundation.names.daemon(_SERVICE),
            cluster=foundation.cluster.arn,
            task_definition=task.arn,
            scheduling_strategy="DAEMON",
            launch_type="EC2",
            # One task a host: the old one goes before the new one comes.
            deployment_minimum_healthy_percent=0,
            deployment_maximum_percent=100,
            availability_zone_rebalancing="DISABLED",
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=foundation.network.private_subnet_ids,
                security_groups=[foundation.firewall.host_id],
                assign_public_ip=False,
            ),
            enable_ecs_managed_tags=True,
            enable_execute_command=False,
            propagate_tags="TASK_DEFINITION",
            wait_for_steady_state=False,
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=[capacity.ready]),
        )
