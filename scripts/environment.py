"""Which environment, and how to reach it: region, credentials, manifest, door. Read once for each command.

`rehearsal` is reached by its connection file alone, so that no AWS variable of the shell can lead elsewhere; every
other environment refuses an endpoint on this machine for the same reason.
"""

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.session import Session

import stacks
from scripts.aws.clients import Clients
from scripts.aws.cloud import AwsCloud
from scripts.aws.service_models import read_fast
from scripts.aws.table import DynamoTable
from scripts.console import Console
from scripts.door import HttpsDoor, resolver
from scripts.errors import AwsFailed, Refused
from scripts.manifest_cache import ManifestCache
from scripts.release.clock import SystemClock
from scripts.release.ports import Site
from scripts.roles import Role
from scripts.task_names import TaskName, command_line
from stacks.errors import StacksError
from stacks.manifest import ITEM_KEY, Manifest, from_json
from stacks.naming import ledger_table

REHEARSAL = "rehearsal"
_ROOT = Path(stacks.__file__).parents[1]
_SETTINGS = Path(stacks.__file__).parent / "settings"
_REGION = "switchyard:region"
_ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
_LOOPBACK = ("127.", "localhost", "::1", "0.0.0.0")  # noqa: S104


@dataclass(frozen=True)
class Place:
    """How one environment is reached. `url`, `nodes` and `ca_file` override the manifest's door in a rehearsal."""

    name: str
    clients: Clients
    cache: ManifestCache
    url: str | None = None
    nodes: tuple[str, ...] = ()
    ca_file: str | None = None


class _Hasty(Clients):
    """The same clients, for a read that must not hold a rollback up."""

    def __init__(self, clients: Clients) -> None:
        self._of = clients

    def read(self, service: str) -> Any:
        return self._of.hasty(service)


@dataclass(frozen=True)
class Account:
    """An environment's AWS for tasks that make no release: clients of every service, and the facts."""

    clients: Clients
    manifest: Manifest


def connect(name: str, console: Console, *, in_haste: bool = False, role: Role = Role.DEPLOYER) -> Site:
    """Raises Refused with the next command where the environment cannot be reached.

    `in_haste` waits about a second for a ledger that hangs, where this machine has seen the manifest before.
    `role` is whose credentials a rehearsal hands out.
    """
    place = _place(name, role)
    manifest = _manifest(place, console, in_haste)
    door = manifest.door
    resolve = (lambda: place.nodes) if place.nodes else resolver(door.dns_name, urlsplit(door.url).port or 443)
    return Site(
        manifest=manifest,
        cloud=AwsCloud(place.clients, manifest),
        table=DynamoTable(place.clients, manifest.ledger_table),
        clock=SystemClock(),
        door=HttpsDoor(place.url or door.url, resolve, place.ca_file),
        voice=console,
        host=f"{socket.gethostname()}:{os.getpid()}",
    )


def account(name: str, console: Console, *, role: Role = Role.OPERATOR) -> Account:
    """Raises Refused as `connect` does."""
    place = _place(name, role)
    return Account(place.clients, _manifest(place, console, in_haste=False))


def clients(name: str, *, role: Role = Role.OWNER) -> Clients:
    """The way into an account, for tasks that read no manifest: the environment may not be there yet, or no more.

    Raises Refused for an unknown environment, and in another region than its settings': there it would find nothing.
    """
    found = _place(name, role).clients
    if name != REHEARSAL:
        _refuse_other_region(name, found.region)
    return found


def known() -> list[str]:
    """Environments that have a settings file."""
    return sorted(path.name.split(".")[1] for path in _SETTINGS.glob("Pulumi.*.yaml"))


def rehearsal_directory() -> Path:
    return Path(os.environ.get("SWITCHYARD_REHEARSAL_DIR") or _ROOT / ".rehearsal")


def _place(name: str, role: Role) -> Place:
    if name == REHEARSAL:
        return _rehearsal(role)
    if name not in known():
        names = ", ".join(known()) or "none"
        raise Refused(f"unknown environment {name!r}: there are settings for {names} in stacks/settings")
    _refuse_loopback(os.environ)
    session = read_fast(botocore.session.get_session())
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "switchyard" / f"{name}.json"
    return Place(name, Clients(session, _region(name)), ManifestCache(cache))


def _rehearsal(role: Role) -> Place:
    directory = rehearsal_directory()
    up = command_line(TaskName.REHEARSAL_UP, REHEARSAL)
    try:
        connection: dict[str, Any] = json.loads((directory / "connection.json").read_text())
    except (OSError, ValueError):
        raise Refused(f"no rehearsal runs in {directory}", up) from None
    if not _lives(connection["pid"]):
        raise Refused(f"the rehearsal in {directory} is gone (process {connection['pid']})", up)
    for variable in [found for found in os.environ if found.startswith("AWS_")]:
        del os.environ[variable]
    session = read_fast(Session())
    session.set_credentials(str(role), "rehearsal")
    return Place(
        REHEARSAL,
        Clients(session, connection["region"], connection["endpoint_url"]),
        ManifestCache(directory / f"manifest-{connection['pid']}.json"),
        connection["public_url"],
        tuple(connection["nodes"]),
        connection["ca_file"],
    )


def _lives(pid: int) -> bool:
    """A zombie is dead: it waits for a parent that may never ask."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _refuse_loopback(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        host = urlsplit(value).hostname or ""
        if name.startswith(_ENDPOINT_VARIABLE) and host.startswith(_LOOPBACK):
            raise Refused(f"{name} is {value}, which is this machine and not AWS: unset it, or use --env {REHEARSAL}")


def _region(name: str) -> str:
    """$AWS_REGION, else the settings file."""
    if found := os.environ.get("AWS_REGION"):
        return found
    import yaml  # only where the shell does not say: a rollback must not wait for it

    settings = _SETTINGS / f"Pulumi.{name}.yaml"
    region = (yaml.safe_load(settings.read_text()) or {}).get("config", {}).get(_REGION)
    if not region:
        raise Refused(f"no region for {name}: set AWS_REGION, or {_REGION} in {settings}")
    return str(region)


def _refuse_other_region(name: str, region: str) -> None:
    """Names of buckets and stacks are known everywhere, all else only in its own region."""
    from stacks.offline.settings import merged

    try:
        stated = merged(name, {})[_REGION]
    except StacksError as error:
        raise Refused(str(error)) from error
    if region != stated:
        raise Refused(f"AWS_REGION is {region}, and {_REGION} of {name} is {stated}: unset AWS_REGION")


def _manifest(place: Place, console: Console, in_haste: bool) -> Manifest:
    """From the ledger table; where that does not answer, as this machine saw it last (a rollback needs no ledger)."""
    clients = _Hasty(place.clients) if in_haste and place.cache.read() is not None else place.clients
    try:
        item = DynamoTable(clients, ledger_table(place.name)).get(ITEM_KEY["pk"], ITEM_KEY["sk"])
    except AwsFailed as error:
        kept = place.cache.read() if error.code != "ResourceNotFoundException" else None
        if kept is None:
            raise Refused(f"no manifest of {place.name}: {error}; if it was never set up, run `pulumi up`") from error
        console.warn(f"the ledger does not answer ({error}): using the manifest that this machine saw last")
        return from_json(kept)
    if item is None:
        table = ledger_table(place.name)
        raise Refused(f"no manifest in table {table}: run `pulumi up` for {place.name}, which writes it last")
    try:
        manifest = from_json(str(item["body"]))
    except StacksError as error:
        raise Refused(str(error)) from error
    place.cache.write(str(item["body"]))
    return manifest
