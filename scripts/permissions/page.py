"""`python -m scripts.permissions.page > docs/permissions.md`: the page about roles, from what the program declares.

A test compares the page with what this prints, so it is true of the program and the tasks as they are.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from scripts import ns
from scripts.permissions.declared_roles import DeclaredRole, Permission, roles
from scripts.roles import Role
from stacks.offline.declaration import Program, declared
from stacks.policies.unnameable import UNNAMEABLE

_PAGE = Path(__file__).with_name("page.md")
_ENVIRONMENT = "production"
_WHO = {
    Role.DEPLOYER: "the pipeline",
    Role.OPERATOR: "people on call",
    Role.OWNER: "whoever owns the account: their own credentials, for which the kit makes no role",
    None: "anybody: they call no AWS",
}
# Policies of roles that something takes, not somebody.
_FOR = {
    "api-task": "the gateway's containers: the gateway, on the tables that tasks share, and the collector beside it",
    "api-execution": "ECS, to start a gateway task",
    "vllm-task": "vLLM's containers: vLLM itself calls no AWS, the collector beside it does",
    "vllm-execution": "ECS, to start a vLLM task",
    "exporter-task": "the collector beside the GPU exporter on each host",
    "exporter-execution": "ECS, to start the GPU exporter",
    "host": "a GPU host: its agents, and what brings models to its disk; tasks never get these credentials",
}


def page(of: Callable[[str], Program] = declared) -> str:
    """The whole page. `of` says what an environment declares."""
    found = {role.short: role for role in roles(of(_ENVIRONMENT))}
    deployer, operator = found.pop(Role.DEPLOYER), found.pop(Role.OPERATOR)
    own = tuple(one for one in operator.permissions if one not in deployer.permissions)
    parts = {
        "tasks": "\n".join(_tasks()),
        "trust": "\n".join(_trust((deployer, operator, *found.values()))),
        "deployer": _table(deployer.permissions),
        "operator": _table(own),
        "others": "\n\n".join(_section(role) for role in found.values()),
        "unnameable": "\n".join(f"| `{action}` | {reason} |" for action, reason in sorted(UNNAMEABLE.items())),
    }
    text = _PAGE.read_text()
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def _tasks() -> Iterable[str]:
    for role, who in _WHO.items():
        names = sorted(name for name in ns.task_names if ns[name].role is role)
        yield f"| {role or 'nobody'} | {who} | {', '.join(f'`{name}`' for name in names)} |"


def _trust(all_roles: Iterable[DeclaredRole]) -> Iterable[str]:
    for role in all_roles:
        yield f"| `{role.short}` | {role.trusts} | {role.session_hours} h |"


def _section(role: DeclaredRole) -> str:
    return f"### {role.short}\n\nFor {_FOR[role.short]}.\n\n{_table(role.permissions)}"


def _table(permissions: Iterable[Permission]) -> str:
    head = "| statement | allows | on | because |\n|---|---|---|---|"
    return "\n".join([head, *(_row(found) for found in permissions)])


def _row(found: Permission) -> str:
    only = f", if {' and '.join(found.conditions)}" if found.conditions else ""
    actions = ", ".join(f"`{action}`" for action in found.actions)
    return f"| {found.sid} | {actions} | {', '.join(_on(name) for name in found.resources)}{only} | {found.reason} |"


def _on(resource: str) -> str:
    """What has no name of its own is shown as AWS writes it."""
    return f"`{resource}`" if resource == "*" or ":" in resource.partition(" ")[0] else resource


if __name__ == "__main__":
    sys.stdout.write(page())
