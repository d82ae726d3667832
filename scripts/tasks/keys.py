"""Clients' keys in the table. The one value that is printed is a new key, once, on stdout."""

from typing import TYPE_CHECKING

from scripts.command import Report, Run, command
from scripts.roles import Role
from scripts.task_names import TaskName, command_line
from stacks.external_fallback import ExternalFallback
from stacks.naming import Names, Table

if TYPE_CHECKING:
    from scripts.aws.shared_table import SharedTable
    from scripts.environment import Account
    from scripts.keys.keeper import Keeper


@command(
    group="keys",
    help={
        "name": "whose key; it appears in logs and in keys.list",
        "requests_per_minute": "the most requests in a minute (default: no limit)",
        "tokens_per_minute": "the most tokens in a minute, prompts and answers (default: no limit)",
        "monthly_budget_usd": "what it may cost in a month at the settings' prices (default: no limit)",
        "models": "names that it may ask for, with commas (default: every one)",
        "external_fallback": "allow or never: whether its prompts may go to OpenAI (default: allow)",
    },
    changes=True,
    role=Role.OPERATOR,
)
def create(
    run: Run,
    name: str,
    requests_per_minute: int | None = None,
    tokens_per_minute: int | None = None,
    monthly_budget_usd: float | None = None,
    models: str | None = None,
    external_fallback: ExternalFallback | None = None,
) -> Report:
    """Make a key for a client. It is printed once and kept nowhere."""
    from scripts.environment import account
    from scripts.keys import client_key, limits
    from scripts.keys.keeper import WORKS_WITHIN_SECONDS
    from scripts.tasks.report import planned_calls

    asked = limits.asked(requests_per_minute, tokens_per_minute, monthly_budget_usd, models, external_fallback)
    limits.named(name)
    keeper = _keeper(account(run.environment, run.console, role=run.role), run)
    made = keeper.prepare(name, asked)
    if run.dry_run:
        return planned_calls(run.environment, [keeper.table.call(client_key.creation(made.record))])
    keeper.create(made)
    end = command_line(TaskName.KEYS_REVOKE, run.environment, name)
    when = f"it works within {WORKS_WITHIN_SECONDS} s"
    return Report(
        message=f"{name} has a key, on stdout and nowhere else; {when}; to end it: {end}",
        text=made.key,
        more={
            "name": name,
            "key": made.key,
            "sha256_begins": made.record.short,
            "revoke_command": end,
        },
    )


@command(group="keys", role=Role.OPERATOR)
def list(run: Run) -> Report:
    """Show every key of the table: whose, since when, its limits, and what it used this month."""
    from scripts.environment import account
    from scripts.keys import client_key, use
    from scripts.keys.listing import Listing

    reached = account(run.environment, run.console, role=run.role)
    keeper, usage = _keeper(reached, run, static=False), _table(reached, Table.USAGE)
    records = keeper.table.query(client_key.PARTITION)
    keys = tuple(client_key.all_of(records))
    now = keeper.clock.now()
    used = use.by_key(usage.query(use.partition(now)))
    found = Listing(run.environment, use.month(now), keys, used, len(records) - len(keys))
    return Report(text=found.text, body=found.body)


@command(group="keys", help={"name": "whose key"}, changes=True, role=Role.OPERATOR)
def revoke(run: Run, name: str) -> Report:
    """End a client's key. It stays on record."""
    from scripts.environment import account
    from scripts.keys import client_key
    from scripts.keys.keeper import DIES_WITHIN_SECONDS
    from scripts.release.ledger import stamp
    from scripts.tasks.report import planned_calls

    keeper = _keeper(account(run.environment, run.console, role=run.role), run)
    valid = keeper.find(name)
    if not valid:
        return Report(message=f"already so: {name} has no valid key")
    if run.dry_run:
        writes = [client_key.revocation(key, stamp(keeper.clock), keeper.who) for key in valid]
        return planned_calls(run.environment, [keeper.table.call(write) for write in writes])
    which = ", ".join(f"{key.short}…" for key in valid)
    run.console.confirm(f"Requests with the key of {name} (sha256 {which}) will be refused (401). Revoke it?", run.yes)
    for key in valid:
        keeper.end(key)
    return Report(message=f"the key of {name} is revoked and dies within {DIES_WITHIN_SECONDS} s")


def _keeper(account: "Account", run: Run, *, static: bool = True) -> "Keeper":
    """`static`: with the names in the secret api-keys, whose value must be read for them."""
    from scripts.aws.account import identity
    from scripts.aws.secrets import AwsVault
    from scripts.keys.keeper import Keeper
    from scripts.release.clock import SystemClock
    from scripts.secrets import keyring

    value = AwsVault(account.clients).value(account.manifest.secrets.api_keys) if static else None
    names = frozenset(keyring.names(value))
    return Keeper(run.environment, _table(account, Table.KEYS), SystemClock(), identity(account.clients), names)


def _table(account: "Account", which: Table) -> "SharedTable":
    from scripts.aws.shared_table import SharedTable

    return SharedTable(account.clients, Names(account.manifest.environment).table(which))
