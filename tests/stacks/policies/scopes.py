"""A release's scope in a made-up account, and one with the longest names that the kit allows."""

from stacks.accounts import Account
from stacks.naming import Colour, Names, Part
from stacks.policies import deployer, operator
from stacks.policies.deployer import Scope
from stacks.policies.statements import document

ACCOUNT = Account("aws", "eu-west-1", "111122223333")


def scope(environment: str = "staging", account: Account = ACCOUNT) -> Scope:
    """ARNs in AWS's own form, so that their length and their matching are as in an account."""
    names = Names(environment)
    roles = [f"{part}-{kind}" for kind in ("task", "execution") for part in Part]
    balancer = f"app/{names.load_balancer('public')}/50dc6c495c0c9188/f2f7dc8efc522ab2"
    secrets = {which: account.arn("secretsmanager", f"secret:{names.secret(which)}-AbCdEf") for which in _SECRETS}
    return Scope(
        names=names,
        account=account,
        traffic_rule_arn=account.arn("elasticloadbalancing", f"listener-rule/{balancer}/9683b2d02a6cabee"),
        ledger_arn=account.arn("dynamodb", f"table/{names.table('ledger')}"),
        keys_arn=account.arn("dynamodb", f"table/{names.table('keys')}"),
        usage_arn=account.arn("dynamodb", f"table/{names.table('usage')}"),
        repository_arns=tuple(account.arn("ecr", f"repository/{names.repository(part)}") for part in Part),
        secret_arns=tuple(secrets.values()),
        api_keys_arn=secrets["api-keys"],
        smoke_key_arn=secrets["smoke-key"],
        passed_role_arns=tuple(account.global_arn("iam", f"role/{names.role(which)}") for which in roles),
        model_bucket_arn=f"arn:{account.partition}:s3:::{names.bucket('models', account.account_id)}",
    )


def longest() -> Scope:
    """Ten characters of environment, and the longest name of a region."""
    return scope("a234567890", Account("aws-us-gov", "ap-northeast-99", "111122223333"))


def documents(of: Scope, *, shells: bool = False) -> tuple[str, str]:
    """The operator's two policies: the deployer's, and its own."""
    certificate = of.account.arn("acm", "certificate/12345678-1234-1234-1234-123456789012")
    return document(deployer.statements(of)), document(operator.statements(of, certificate, shells))


def service_arn(part: Part, colour: Colour, environment: str = "staging") -> str:
    names = Names(environment)
    return ACCOUNT.arn("ecs", f"service/{names.cluster}/{names.slot(part, colour)}")


_SECRETS = ("api-keys", "smoke-key", "openai-key")
