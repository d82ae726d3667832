"""What `stack.bootstrap` says: the account, the table, what it would make, and what comes next. Pure."""

from collections.abc import Iterable
from typing import Any

from scripts.bootstrap import monthly, state_store
from scripts.bootstrap.creation import Creation
from scripts.bootstrap.finding import Finding, body, table
from scripts.bootstrap.looking import Looked


def overview(looked: Looked) -> str:
    account = looked.account
    return f"Account {account.account_id}, {account.region}, for {looked.environment}\n\n{table(looked.findings)}"


def makings(creations: Iterable[Creation]) -> str:
    """What would be made, with what AWS charges for it. Roles and identity providers cost nothing."""
    lines = [f"  {made.what}{f' ({made.cost})' if made.cost else ''}" for made in creations]
    return "\n".join(("To be made:", *lines))


def question(looked: Looked) -> str:
    account, number = looked.account, len(looked.creations)
    what = f"{number} thing{'s' if number > 1 else ''} in account {account.account_id}, {account.region}"
    return f"{monthly.asked(looked)} Make {what}?"


def following(looked: Looked) -> str:
    """Lines to paste, once a machine and once an environment."""
    login, init = state_store.commands(looked.environment, looked.account)
    return "\n".join(
        (
            "Then, once on each machine:",
            f"  {login}",
            f"and once for {looked.environment} (it writes the key's name into its settings file):",
            f"  {init}",
        )
    )


def unready(findings: Iterable[Finding]) -> str:
    matters = [finding.matter for finding in findings]
    stands = "things stand" if len(matters) > 1 else "thing stands"
    return f"{len(matters)} {stands} against the first `pulumi up`: {', '.join(matters)}"


def found_object(looked: Looked, made: bool) -> dict[str, Any]:
    return {
        "environment": looked.environment,
        "account_id": looked.account.account_id,
        "region": looked.account.region,
        "ready": not looked.against and (made or not looked.creations),
        "idle_monthly_usd": looked.bill.idle_monthly_usd() if looked.bill else None,
        "releasing_monthly_usd": looked.bill.releasing_monthly_usd if looked.bill else None,
        "findings": body(looked.findings),
        "made" if made else "to_be_made": [creation.what for creation in looked.creations],
        "next_commands": list(state_store.commands(looked.environment, looked.account)),
    }
