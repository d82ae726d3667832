"""The record of every connection of the network, accepted or not.

It goes to the log bucket and not to CloudWatch: it is read when something has happened and is not watched, delivery
and keeping cost less there, and no role is needed to write it.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.network import Network
from stacks.components.storage import Storage
from stacks.naming import Names

# The longer of the two intervals that EC2 has: a tenth of the lines.
_INTERVAL_SECONDS = 600


@dataclass(frozen=True)
class FlowLogArgs:
    names: Names
    network: Network
    storage: Storage


class FlowLog(pulumi.ComponentResource):
    """One for the whole VPC, so that what is added later is in it too."""

    def __init__(self, name: str, args: FlowLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:FlowLog", name, {}, opts)
        aws.ec2.FlowLog(
            f"{name}-vpc",
            vpc_id=args.network.vpc_id,
            traffic_type="ALL",
            log_destination_type="s3",
            log_destination=args.storage.log_bucket_arn,
            max_aggregation_interval=_INTERVAL_SECONDS,
            tags={"Name": args.names.prefix},
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.storage.log_delivery),
        )
        self.register_outputs({})
