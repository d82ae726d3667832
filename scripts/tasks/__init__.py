"""The tasks, thin: a task turns strings into a request, asks the engine, and says how it went.

Every task is listed here once. Top-level names are what an operator types in a release; all others go by noun.
"""

from invoke import Collection

from scripts.tasks import (
    breaker,
    capacity,
    environment,
    fallback,
    gateway,
    keys,
    lock,
    rehearsal,
    release,
    report,
    secrets,
    stack,
    traffic,
)

TOP = (
    release.deploy_green,
    release.smoke,
    traffic.switchover,
    traffic.rollback,
    release.settle,
    release.abort,
    report.plan,
    report.status,
    report.history,
)
NOUNS = {
    "breaker": breaker,
    "capacity": capacity,
    "environment": environment,
    "fallback": fallback,
    "gateway": gateway,
    "keys": keys,
    "lock": lock,
    "rehearsal": rehearsal,
    "secrets": secrets,
    "stack": stack,
}


def collection() -> Collection:
    """Everything that `fab --list` shows."""
    return Collection(*TOP, *(Collection.from_module(module, name=noun) for noun, module in NOUNS.items()))
