"""The GPU hosts: launch template, group, capacity provider, and the reservation that is always paid for.

ECS decides how many hosts run (managed scaling); Pulumi sets the bounds and ignores the count. The short
reservation of a release is the release engine's, Reserved Instances are bought by a task: neither is here.
"""

import base64
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.cluster import Cluster
from stacks.components.firewall import Firewall
from stacks.components.identity import Identity
from stacks.components.network import Network
from stacks.components.provider import tags
from stacks.components.storage import Storage
from stacks.hosts import spread, user_data
from stacks.naming import PURPOSE_TAG, Names
from stacks.schema import Settings

_ROOT_DEVICE = "/dev/xvda"
_ROOT_GIB = 100
_WARMUP_SECONDS = 300


@dataclass(frozen=True)
class CapacityArgs:
    names: Names
    settings: Settings
    network: Network
    firewall: Firewall
    cluster: Cluster
    identity: Identity
    storage: Storage


class Capacity(pulumi.ComponentResource):
    """Hosts that appear when a task waits for a GPU. `ready` must exist before a service names the provider."""

    provider_name: pulumi.Output[str]
    group_name: pulumi.Output[str]
    ready: pulumi.Resource

    def __init__(self, name: str, args: CapacityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Capacity", name, {}, opts)
        self._stem, self._args, self._hosts = name, args, args.settings.hosts
        self._tags = tags(args.names)
        self._child = pulumi.ResourceOptions(parent=self)
        group = self._group(self._launch_template())
        provider = self._capacity_provider(group)
        self.provider_name, self.group_name = provider.name, group.name
        self.ready = aws.ecs.ClusterCapacityProviders(
            f"{name}-in-cluster",
            cluster_name=args.cluster.name,
            capacity_providers=["FARGATE", provider.name],
            opts=self._child,
        )
        self._reserve()
        self.register_outputs({"providerName": self.provider_name, "groupName": self.group_name})

    def _launch_template(self) -> aws.ec2.LaunchTemplate:
        """Tags are repeated here: a provider's default tags do not reach what a launch template creates."""
        disk = aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_size=_ROOT_GIB, volume_type="gp3", encrypted="true", delete_on_termination="true"
        )
        return aws.ec2.LaunchTemplate(
            f"{self._stem}-host",
            name=self._args.names.launch_template(),
            update_default_version=True,
            image_id=self._hosts.gpu_ami_id,
            instance_type=self._hosts.instance_type,
            iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(
                arn=self._args.identity.instance_profile_arn
            ),
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            network_interfaces=[
                aws.ec2.LaunchTemplateNetworkInterfaceArgs(
                    associate_public_ip_address="false", security_groups=[self._args.firewall.host_id]
                )
            ],
            block_device_mappings=[aws.ec2.LaunchTemplateBlockDeviceMappingArgs(device_name=_ROOT_DEVICE, ebs=disk)],
            user_data=self._user_data(),
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=self._tags)
                for kind in ("instance", "volume", "network-interface")
            ],
            opts=self._child,
        )

    def _user_data(self) -> pulumi.Output[str]:
        cluster = self._args.names.cluster
        return self._args.storage.model_bucket_name.apply(lambda bucket: _encoded(user_data(cluster, bucket)))

    def _group(self, template: aws.ec2.LaunchTemplate) -> aws.autoscaling.Group:
        """A group takes no default tags. `AmazonECSManaged` is ECS's own tag, declared so that it stays."""
        tagged = {**self._tags, "AmazonECSManaged": "true"}
        return aws.autoscaling.Group(
            f"{self._stem}-hosts",
            name=self._args.names.autoscaling_group(),
            min_size=0,
            desired_capacity=0,
            max_size=self._hosts.maximum_hosts,
            vpc_zone_identifiers=self._args.network.private_subnet_ids,
            health_check_type="EC2",
            protect_from_scale_in=True,
            # A group publishes nothing by itself; the alarm on missing hosts reads these two. They cost nothing.
            enabled_metrics=["GroupDesiredCapacity", "GroupInServiceInstances"],
            metrics_granularity="1Minute",
            launch_template=aws.autoscaling.GroupLaunchTemplateArgs(id=template.id, version="$Latest"),
            tags=[
                aws.autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=True)
                for key, value in tagged.items()
            ],
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["desiredCapacity"]),
        )

    def _capacity_provider(self, group: aws.autoscaling.Group) -> aws.ecs.CapacityProvider:
        scaling = aws.ecs.CapacityProviderAutoScalingGroupProviderManagedScalingArgs(
            status="ENABLED",
            target_capacity=100,
            minimum_scaling_step_size=1,
            maximum_scaling_step_size=self._hosts.maximum_hosts,
            instance_warmup_period=_WARMUP_SECONDS,
        )
        return aws.ecs.CapacityProvider(
            f"{self._stem}-provider",
            name=self._args.names.capacity_provider(),
            auto_scaling_group_provider=aws.ecs.CapacityProviderAutoScalingGroupProviderArgs(
                auto_scaling_group_arn=group.arn,
                managed_termination_protection="ENABLED",
                managed_draining="ENABLED",
                managed_scaling=scaling,
            ),
            opts=self._child,
        )

    def _reserve(self) -> None:
        for zone, count in spread(self._hosts.reserved_hosts, self._args.settings.place.zones).items():
            aws.ec2.CapacityReservation(
                f"{self._stem}-reserved-{zone[-1]}",
                instance_type=self._hosts.instance_type,
                instance_platform="Linux/UNIX",
                availability_zone=zone,
                instance_count=count,
                instance_match_criteria="open",
                end_date_type="unlimited",
                tags={"Name": f"{self._args.names.prefix}-{zone}", PURPOSE_TAG: "permanent"},
                opts=self._child,
            )


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
