"""The secrets' places, without values."""

from rehearsal.provision.registry import Declared, Realised, Registry

REGISTRY = Registry()


@REGISTRY.realises("aws:secretsmanager/secret:Secret")
def secret(declared: Declared) -> Realised:
    made = declared.aws("secretsmanager").create_secret(
        **declared.given("name", "description"), Tags=declared.tag_list()
    )
    return Realised(made["ARN"], {"arn": made["ARN"], **declared.empty("namePrefix", "policy")})
