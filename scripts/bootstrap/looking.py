"""One look at an account and an environment's settings: every finding, and what is to be made. Changes nothing.

What AWS refuses to tell is a finding of its own, so that one missing permission does not hide the rest.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from scripts.aws import account as accounts
from scripts.aws import buckets, capacity, door_names, keys, machines, trust
from scripts.aws.clients import Clients
from scripts.bootstrap import disks, entrance, identities, image, people, quota, state_store
from scripts.bootstrap.creation import Creation
from scripts.bootstrap.finding import Finding, Status, against
from scripts.bootstrap.wanted import Wanted
from scripts.cost import prices
from scripts.cost.model import Bill
from scripts.errors import AwsFailed
from stacks.accounts import Account
from stacks.naming import STATE_KEY_ALIAS, state_bucket

_FORBIDDEN = "403"
_KEY_PRICE = "kms.key"


@dataclass(frozen=True)
class Looked:
    """What was found in which account. `bill` is what the environment would cost, None where that is not known."""

    environment: str
    account: Account
    findings: tuple[Finding, ...]
    creations: tuple[Creation, ...]
    bill: Bill | None = None

    @property
    def against(self) -> tuple[Finding, ...]:
        return against(self.findings)


@dataclass(frozen=True)
class _Eyes:
    """What every check looks with."""

    clients: Clients
    account: Account
    wanted: Wanted
    github: bool
    now: datetime


_Seen = tuple[tuple[Finding, ...], tuple[Creation, ...]]


def look(clients: Clients, settings: Wanted, github: bool, now: datetime) -> Looked:
    """Raises AwsFailed where there are no credentials."""
    eyes = _Eyes(clients, accounts.home(clients), settings, github, now)
    seen = [_guarded(matter, check, eyes) for matter, check in _CHECKS]
    found = [finding for findings, _ in seen for finding in findings]
    made = tuple(creation for _, creations in seen for creation in creations)
    return Looked(settings.environment, eyes.account, (*found, *settings.problems, people.bill()), made)


def _guarded(matter: str, check: Callable[[_Eyes], _Seen], eyes: _Eyes) -> _Seen:
    try:
        return check(eyes)
    except AwsFailed as error:
        return (Finding(matter, Status.NOT_KNOWN, str(error)),), ()


def _state(eyes: _Eyes) -> _Seen:
    found_key = keys.key(eyes.clients, STATE_KEY_ALIAS)
    name = state_bucket(eyes.account.account_id, eyes.account.region)
    price = prices.load(eyes.account.region)[_KEY_PRICE].usd
    key_finding, key_made = state_store.key(found_key, price)
    try:
        found_bucket = buckets.bucket(eyes.clients, name, eyes.account.account_id)
    except AwsFailed as error:
        if error.code == _FORBIDDEN:
            return (key_finding, state_store.taken(eyes.account)), key_made
        raise
    finding, made = state_store.bucket(found_bucket, eyes.account, found_key.arn if found_key else None)
    return (key_finding, finding), (*key_made, *made)


def _linked_roles(eyes: _Eyes) -> _Seen:
    found = {role.service: trust.linked_roles(eyes.clients, role.service) for role in identities.LINKED_ROLES}
    return _one(identities.linked(found))


def _github(eyes: _Eyes) -> _Seen:
    """Only for those who release from GitHub."""
    if not (eyes.github or eyes.wanted.text("githubRepository")):
        return (), ()
    hosts = trust.identity_providers(eyes.clients)
    arn = identities.provider_arn(eyes.account)
    audiences = trust.audiences(eyes.clients, arn) if identities.GITHUB_HOST in hosts else ()
    return _one(identities.github(hosts, audiences, eyes.account))


def _gpu_quota(eyes: _Eyes) -> _Seen:
    kind, hosts = eyes.wanted.instance_type, eyes.wanted.number("maximumHosts")
    minimum = eyes.wanted.number("vllmMinimumCount")
    if kind is None or hosts is None or minimum is None:
        return (), ()
    allowed = capacity.quota_vcpus(eyes.clients, capacity.G_AND_VT_QUOTA)
    return _said(quota.hosts(allowed, kind, minimum, hosts, eyes.account.region))


def _fargate_quota(eyes: _Eyes) -> _Seen:
    units, minimum = eyes.wanted.number("apiCpuUnits"), eyes.wanted.number("apiMinimumCount")
    maximum = eyes.wanted.number("apiMaximumCount")
    if units is None or minimum is None or maximum is None:
        return (), ()
    allowed = capacity.quota_vcpus(eyes.clients, capacity.FARGATE_QUOTA)
    return _said(quota.gateways(allowed, units, minimum, maximum, eyes.account.region))


def _zones(eyes: _Eyes) -> _Seen:
    kind, zones = eyes.wanted.instance_type, eyes.wanted.strings("zones")
    if kind is None or not zones:
        return (), ()
    return _said(quota.zones(machines.zones_offering(eyes.clients, kind.name), zones, kind.name))


def _disk_key(eyes: _Eyes) -> _Seen:
    """`alias/aws/ebs` does not exist before the first encrypted disk: AWS makes it then."""
    name = machines.disk_key(eyes.clients)
    found = keys.key(eyes.clients, name)
    if found is None or not found.customer_managed:
        return _said(disks.AWS_MANAGED)
    policy, grants = keys.policy(eyes.clients, found.arn), keys.grants(eyes.clients, found.arn)
    return _said(disks.judged(found, policy, grants, eyes.account))


def _image(eyes: _Eyes) -> _Seen:
    image_id = eyes.wanted.text("gpuAmiId")
    if image_id is None:
        return (), ()
    found = machines.machine_image(eyes.clients, image_id)
    return _said(image.judged(found, image_id, eyes.account.region, eyes.now))


def _certificate(eyes: _Eyes) -> _Seen:
    arn = eyes.wanted.text("certificateArn")
    if arn is None:
        return (), ()
    return _said(entrance.certificate(door_names.certificate(eyes.clients, arn), arn, eyes.wanted.text("domainName")))


def _zone(eyes: _Eyes) -> _Seen:
    zone_id = eyes.wanted.text("hostedZoneId")
    if zone_id is None:
        return (), ()
    return _said(entrance.zone(door_names.zone(eyes.clients, zone_id), zone_id, eyes.wanted.text("domainName")))


def _alarms(eyes: _Eyes) -> _Seen:
    return _said(people.alarms(eyes.wanted.strings("alertEmails")))


def _said(finding: Finding) -> _Seen:
    return (finding,), ()


def _one(seen: tuple[Finding, tuple[Creation, ...]]) -> _Seen:
    finding, made = seen
    return (finding,), made


_CHECKS: Iterable[tuple[str, Callable[[_Eyes], _Seen]]] = (
    ("state key, bucket", _state),
    ("linked roles", _linked_roles),
    ("GitHub identity", _github),
    ("GPU quota", _gpu_quota),
    ("Fargate quota", _fargate_quota),
    ("zones", _zones),
    ("disk key", _disk_key),
    ("machine image", _image),
    ("certificate", _certificate),
    ("hosted zone", _zone),
    ("alert addresses", _alarms),
)
