"""The gateway in both colours: template, services and scalable targets, on Fargate."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks import gateway_environment
from stacks.components.coloured_service import ColouredService, ColouredServiceArgs, coloured_service
from stacks.components.foundation import Foundation
from stacks.components.ingress import Ingress
from stacks.components.secrets import Secrets
from stacks.components.template import TemplateArgs, template
from stacks.containers import GATEWAY, GATEWAY_METRICS_PORT, GATEWAY_PORT, GATEWAY_USER, Check, Container, gateway
from stacks.naming import Colour, Part

_COMMAND = ("python", "-m", "gateway")
_CHECK = ("CMD", "python", "-m", "gateway.check")
_GRACE_SECONDS = 60
_START_SECONDS = 10
# A release and a restart keep every task until its successor serves.
_MINIMUM_HEALTHY_PERCENT, _MAXIMUM_PERCENT = 100, 200


@dataclass(frozen=True)
class ApiArgs:
    foundation: Foundation
    ingress: Ingress
    secrets: Secrets


class Api(pulumi.ComponentResource):
    """Both colours of the gateway."""

    template: aws.ecs.TaskDefinition
    services: dict[Colour, ColouredService]

    def __init__(self, name: str, args: ApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Api", name, {}, opts)
        self._stem, self._foundation = name, args.foundation
        self._ingress, self._secrets = args.ingress, args.secrets
        self.template = self._template()
        self.services = {colour: self._service(colour) for colour in Colour}
        self.register_outputs({"templateArn": self.template.arn})

    def _template(self) -> aws.ecs.TaskDefinition:
        size = self._foundation.settings.api
        args = TemplateArgs(
            family=self._foundation.names.template(Part.API),
            launch_type="FARGATE",
            containers=self._containers(),
            task_role_arn=self._foundation.identity.task_role_arns[Part.API],
            execution_role_arn=self._foundation.identity.execution_role_arns[Part.API],
            volumes=[aws.ecs.TaskDefinitionVolumeArgs(name=name) for name in self._foundation.shell_volumes],
            sizes={"cpu": str(size.api_cpu_units), "memory": str(size.api_memory_mib)},
            tags={"Part": Part.API.value},
        )
        return template(f"{self._stem}-template", args, self)

    def _containers(self) -> pulumi.Output[str]:
        secrets = {
            "SWITCHYARD_API_KEYS": self._secrets.api_keys_arn,
            "SWITCHYARD_SMOKE_KEY": self._secrets.smoke_key_arn,
        }
        if self._secrets.openai_key_arn is not None:
            secrets["OPENAI_API_KEY"] = self._secrets.openai_key_arn
        found = pulumi.Output.all(
            image=self._foundation.image(Part.API),
            secrets=secrets,
            collector=self._foundation.telemetry.variables(GATEWAY, GATEWAY_METRICS_PORT),
        )
        return found.apply(lambda known: self._definitions(known["image"], known["secrets"], known["collector"]))

    def _definitions(self, image: str, secrets: dict[str, str], collector: dict[str, str]) -> str:
        settings = self._foundation.settings
        container = Container(
            name=GATEWAY,
            image=image,
            user=GATEWAY_USER,
            command=_COMMAND,
            ports=(GATEWAY_PORT, GATEWAY_METRICS_PORT),
            environment={
                **self._foundation.common_environment(),
                **gateway_environment.variables(settings, self._foundation.names),
            },
            secrets=secrets,
            check=Check(_CHECK, settings.health.container_check_interval_seconds, _START_SECONDS),
            stop_timeout_seconds=settings.times.stop_timeout_seconds,
            logs=self._foundation.logs(Part.API),
            volumes=self._foundation.shell_volumes,
        )
        return json.dumps([gateway(container), self._foundation.collector(collector, "workspace")])

    def _service(self, colour: Colour) -> ColouredService:
        foundation = self._foundation
        return coloured_service(
            f"{self._stem}-{colour}",
            ColouredServiceArgs(
                names=foundation.names,
                part=Part.API,
                colour=colour,
                cluster_name=foundation.cluster.name,
                cluster_arn=foundation.cluster.arn,
                template_arn=self.template.arn,
                container=GATEWAY,
                port=GATEWAY_PORT,
                target_group_arn=self._ingress.target_groups[colour].arn,
                subnet_ids=foundation.network.private_subnet_ids,
                security_group_id=foundation.firewall.api_id,
                grace_seconds=_GRACE_SECONDS,
                minimum_healthy_percent=_MINIMUM_HEALTHY_PERCENT,
                maximum_percent=_MAXIMUM_PERCENT,
                launch={"launch_type": "FARGATE", "platform_version": "LATEST"},
                execute_command=foundation.settings.access.execute_command,
                after=self._ingress.rules,
            ),
            self,
        )
