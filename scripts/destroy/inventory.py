"""Everything that an environment is, in one look. Needs no manifest: the ledger may be gone before the rest is."""

from dataclasses import dataclass

from scripts.aws import account, buckets, holdings, standing
from scripts.aws.buckets import Contents
from scripts.aws.clients import Clients
from scripts.aws.failures import unless
from scripts.aws.holdings import Reservation, StandingRepository, StandingTable
from scripts.aws.standing import StandingBalancer, StandingGroup, StandingService
from scripts.aws.table import DynamoTable
from scripts.release.control import Control, State
from stacks.accounts import Account
from stacks.naming import Names, Part, ledger_table

_BALANCERS = ("public", "internal")
_FAMILY = "g5"


@dataclass(frozen=True)
class Inventory:
    """What is there. `control` is None where there is no ledger any more."""

    environment: str
    account: Account
    control: State | None
    services: tuple[StandingService, ...]
    group: StandingGroup | None
    balancers: tuple[StandingBalancer, ...]
    tables: tuple[StandingTable, ...]
    buckets: tuple[Contents, ...]
    repositories: tuple[StandingRepository, ...]
    secrets: tuple[str, ...]
    reservations: tuple[Reservation, ...]
    reserved_instances: tuple[Reservation, ...]

    @property
    def cluster(self) -> str:
        return Names(self.environment).cluster


def read(clients: Clients, environment: str) -> Inventory:
    names, home = Names(environment), account.home(clients)
    found = [standing.balancer(clients, names.load_balancer(which)) for which in _BALANCERS]
    repositories = [holdings.repository(clients, names.repository(part)) for part in Part]
    return Inventory(
        environment=environment,
        account=home,
        control=_control(clients, environment),
        services=standing.services(clients, names.cluster),
        group=standing.group(clients, names.autoscaling_group()),
        balancers=tuple(balancer for balancer in found if balancer),
        tables=holdings.tables(clients, f"{names.prefix}-"),
        buckets=bucket_contents(clients, environment, home),
        repositories=tuple(repository for repository in repositories if repository),
        secrets=holdings.secrets(clients, names.secret("")),
        reservations=holdings.reservations(clients, names.prefix),
        reserved_instances=holdings.reserved_instances(clients, _FAMILY),
    )


def bucket_contents(clients: Clients, environment: str, home: Account) -> tuple[Contents, ...]:
    """An environment's buckets end with the account's id; Pulumi's own ends with the region."""
    found = buckets.names(clients, f"{Names(environment).prefix}-")
    return tuple(buckets.contents(clients, name) for name in found if name.endswith(f"-{home.account_id}"))


def _control(clients: Clients, environment: str) -> State | None:
    table = DynamoTable(clients, ledger_table(environment))
    return unless(("ResourceNotFoundException",), lambda: Control(table).read(), None)
