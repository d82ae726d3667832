"""The managed Prometheus workspace. It is there and takes nothing: the rehearsal runs no collector."""

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:amp/workspace:Workspace")
def workspace(declared: Declared) -> Realised:
    prometheus = declared.aws("amp")
    made = prometheus.create_workspace(alias=declared.inputs["alias"], tags=dict(declared.tags))
    found = prometheus.describe_workspace(workspaceId=made["workspaceId"])["workspace"]
    return Realised(made["workspaceId"], {"arn": made["arn"], "prometheusEndpoint": found["prometheusEndpoint"]})
