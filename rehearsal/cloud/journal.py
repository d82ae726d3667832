"""Who needed which permission: every request to the rehearsal's AWS by principal. Judges nothing."""

import threading
from dataclasses import dataclass

from rehearsal.cloud.calls import Call
from rehearsal.cloud.resources import named
from stacks.accounts import Account


@dataclass(frozen=True, order=True)
class Need:
    """An action and the resource it was asked for; empty where the request names none."""

    action: str
    resource: str = ""

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}" if self.resource else self.action


class CallJournal:
    """The needs so far. Safe to use from many threads."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._needs: dict[str, set[Need]] = {}

    def add(self, call: Call) -> None:
        resources = named(call, self._account)
        found = {Need(action, arn) for action in call.actions for arn in resources.get(action, ("",))}
        with self._lock:
            self._needs.setdefault(call.principal, set()).update(found)

    def needs(self, principal: str) -> frozenset[Need]:
        with self._lock:
            return frozenset(self._needs.get(principal, ()))
