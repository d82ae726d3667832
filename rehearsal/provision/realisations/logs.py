"""Log groups."""

from rehearsal.provision.realisations.network import owner
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
