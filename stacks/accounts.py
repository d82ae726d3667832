"""The account that an ARN tells about, so that the program asks AWS nothing to know where it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """One account in one region. `arn` writes ARNs of things whose names are known."""

    partition: str
    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """For services that know no region, as IAM."""
        return f"arn:{self.partition}:{service}::{self.account_id}:{resource}"

    def public_arn(self, service: str, resource: str) -> str:
        """For what AWS itself publishes in a region, in nobody's account."""
        return f"arn:{self.partition}:{service}:{self.region}::{resource}"

    @property
    def root(self) -> str:
        return self.global_arn("iam", "root")


def account_of(arn: str) -> Account:
    """The account of any ARN that carries a region."""
    _, partition, _, region, account_id, _ = arn.split(":", 5)
    return Account(partition, region, account_id)
