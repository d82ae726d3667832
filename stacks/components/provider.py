"""The one AWS provider of a stack: region and the tags that everything taggable carries."""

import pulumi
import pulumi_aws as aws

from stacks.naming import STACK_TAG, Names


def tags(names: Names) -> dict[str, str]:
    """The tags by which bills, alarms and people tell what belongs to the kit."""
    own = {"Project": "switchyard", "Environment": names.environment, "ManagedBy": "pulumi"}
    return {**own, STACK_TAG: names.prefix}


def provider(names: Names, region: str) -> pulumi.ProviderResource:
    """The provider that every component hands down to its children."""
    made: pulumi.ProviderResource = aws.Provider(
        "aws", region=region, default_tags=aws.ProviderDefaultTagsArgs(tags=tags(names))
    )
    return made
