"""Image repositories and how long they keep images."""

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:ecr/repository:Repository")
def repository(declared: Declared) -> Realised:
    inputs = declared.inputs
    made = declared.aws("ecr").create_repository(
        repositoryName=inputs["name"],
        imageTagMutability=inputs["imageTagMutability"],
        imageScanningConfiguration=inputs["imageScanningConfiguration"],
        tags=declared.tag_list(),
    )["repository"]
    outputs = {
        "arn": made["repositoryArn"],
        "registryId": made["registryId"],
        "repositoryUrl": made["repositoryUri"],
    }
    return Realised(inputs["name"], outputs)


@REGISTRY.realises("aws:ecr/lifecyclePolicy:LifecyclePolicy")
def lifecycle_policy(declared: Declared) -> Realised:
    name = declared.inputs["repository"]
    made = declared.aws("ecr").put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=declared.inputs["policy"])
    return Realised(name, {"registryId": made["registryId"]})
