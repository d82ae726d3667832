"""Log groups, and the network's flow log."""

from rehearsal.provision.errors import NotMade
from rehearsal.provision.realisations.network import arn, owner, tagged
from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:cloudwatch/logGroup:LogGroup")
def log_group(declared: Declared) -> Realised:
    logs, name = declared.aws("logs"), declared.inputs["name"]
    logs.create_log_group(logGroupName=name, tags=dict(declared.tags))
    logs.put_retention_policy(logGroupName=name, retentionInDays=declared.inputs["retentionInDays"])
    outputs = {
        "arn": f"arn:aws:logs:{declared.aws.region}:{owner(declared)}:log-group:{name}",
        "logGroupClass": "STANDARD",
        **declared.empty("deletionProtectionEnabled", "namePrefix"),
    }
    return Realised(name, outputs)


@REGISTRY.realises("aws:ec2/flowLog:FlowLog")
def flow_log(declared: Declared) -> Realised:
    """EC2 answers with what it could not do instead of an error."""
    made = declared.aws("ec2").create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[declared.inputs["vpcId"]],
        **declared.given("trafficType", "logDestinationType", "logDestination", "maxAggregationInterval"),
        TagSpecifications=tagged(declared, "vpc-flow-log"),
    )
    for refused in made.get("Unsuccessful", []):
        raise NotMade(f"the flow log of {refused['ResourceId']}: {refused['Error']['Message']}")
    (identifier,) = made["FlowLogIds"]
    outputs = {
        "arn": arn(declared, owner(declared), f"vpc-flow-log/{identifier}"),
        **declared.empty("logFormat"),
    }
    return Realised(identifier, outputs)
