"""Every name that the kit gives to something in AWS, and the limits that AWS sets on them.

Names are explicit because the tasks, the alarms and the policies find things by name.
Limits: load balancer and target group 32, IAM role 64, S3 bucket 63 characters
(Elastic Load Balancing, IAM and S3 API references).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from stacks.errors import NameTooLong

ENVIRONMENT_LIMIT = 10
# Its value is an environment's prefix. Unique in an account, unlike `Environment`: policies tell one environment's
# resources by it, and the budget counts by it, once it is activated as a cost allocation tag.
STACK_TAG = "SwitchyardStack"
# What a capacity reservation is for: a release may end the ones that say so, and no other.
PURPOSE_TAG = "switchyard:purpose"
RELEASE_PURPOSE = "release"
_ENVIRONMENT = re.compile(r"[a-z][a-z0-9]*")


class Colour(StrEnum):
    """A physical slot: an ECS service with its target group."""

    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> "Colour":
        return Colour.GREEN if self is Colour.BLUE else Colour.BLUE


class Part(StrEnum):
    """What a colour runs. Each part has its own two colours, and they alternate independently."""

    API = "api"
    VLLM = "vllm"


class Table(StrEnum):
    """The tables of an environment."""

    LEDGER = "ledger"
    KEYS = "keys"
    CACHE = "cache"
    USAGE = "usage"


@dataclass(frozen=True)
class Names:
    """The names of one environment.

    Raises NameTooLong when the environment's name would break a limit of AWS.
    """

    environment: str

    def __post_init__(self) -> None:
        if len(self.environment) > ENVIRONMENT_LIMIT or not _ENVIRONMENT.fullmatch(self.environment):
            raise NameTooLong(
                f"environment {self.environment!r}: expected 1 to {ENVIRONMENT_LIMIT} lower-case letters "
                "and digits, starting with a letter"
            )

    @property
    def prefix(self) -> str:
        return f"switchyard-{self.environment}"

    @property
    def cluster(self) -> str:
        return self.prefix

    def slot(self, part: Part, colour: Colour) -> str:
        """Name of the service, its target group and its task definition family."""
        return _within(32, f"{self.environment}-{part}-{colour}")

    def template(self, part: Part) -> str:
        """Family of the task definition that Pulumi registers and the release engine copies."""
        return f"{self.environment}-{part}-template"

    def load_balancer(self, which: str) -> str:
        return _within(32, f"{self.environment}-{which}")

    def repository(self, part: Part) -> str:
        return f"{self.prefix}-{part}"

    def table(self, which: Table) -> str:
        return f"{self.prefix}-{which}"

    def secret(self, which: str) -> str:
        return f"switchyard/{self.environment}/{which}"

    def role(self, which: str) -> str:
        return _within(64, f"{self.prefix}-{which}")

    def log_group(self, which: str) -> str:
        return f"/switchyard/{self.environment}/{which}"

    def capacity_provider(self) -> str:
        return f"{self.prefix}-g5"

    def autoscaling_group(self) -> str:
        return f"{self.prefix}-gpu-hosts"

    def launch_template(self) -> str:
        return f"{self.prefix}-gpu-host"

    def security_group(self, which: str) -> str:
        return f"{self.prefix}-{which}"

    def alarm(self, which: str) -> str:
        """Alarms share a prefix that no other environment's name can begin with; the tasks find them by it."""
        return f"{self.alarm_prefix}{which}"

    @property
    def alarm_prefix(self) -> str:
        return f"{self.prefix}-"

    def topic(self, which: str) -> str:
        return f"{self.prefix}-{which}"

    def budget(self) -> str:
        return f"{self.prefix}-monthly"

    def key_alias(self, which: str) -> str:
        return f"alias/{self.prefix}-{which}"

    def web_acl(self) -> str:
        return self.prefix

    def firewall_log_group(self) -> str:
        """WAF takes only a log group whose name begins so (AWS WAF developer guide, "Logging destinations")."""
        return f"aws-waf-logs-{self.prefix}"

    def metric_namespace(self) -> str:
        """Where the collectors and the release engine publish; alarms and autoscaling read there."""
        return f"Switchyard/{self.environment}"

    def daemon(self, which: str) -> str:
        """An ECS service that has no colour: one task on each host."""
        return f"{self.environment}-{which}"

    def bucket(self, which: str, account_id: str) -> str:
        return _within(63, f"{self.prefix}-{which}-{account_id}")


# What all environments of an account and region share: where Pulumi keeps their state, and the key of its secrets.
STATE_KEY_ALIAS = "alias/switchyard-state"


def state_bucket(account_id: str, region: str) -> str:
    """An environment's own buckets end with the account's id, so none can have this name."""
    return _within(63, f"switchyard-state-{account_id}-{region}")


def ledger_table(environment: str) -> str:
    """Where the manifest lies: the one name a task must know before it has read the manifest."""
    return Names(environment).table(Table.LEDGER)


def model_marker(model: str) -> str:
    """Key in the model bucket of what is uploaded last. Hosts bring a model that has it; `model` is NAME@REVISION."""
    return f"models/{model}/.complete"


def _within(limit: int, name: str) -> str:
    if len(name) > limit:
        raise NameTooLong(f"name {name!r} has {len(name)} characters, AWS allows {limit}: choose a shorter environment")
    return name
