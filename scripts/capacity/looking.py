"""Reading what the three tasks show or decide by. Changes nothing but, where one was left open, a purchase's record."""

import os
import socket
from datetime import UTC, datetime

from scripts.aws import account as accounts
from scripts.aws import capacity, definitions, gpu_image, machines, traffic
from scripts.aws.model import CapacityReservation
from scripts.aws.reserved import Ec2Market
from scripts.aws.table import DynamoTable
from scripts.capacity import volume as volumes
from scripts.capacity.buying import Desk
from scripts.capacity.image import ImageReport
from scripts.capacity.planning import Need, need
from scripts.capacity.standing import Standing, gpu_hosts, is_permanent, release_of
from scripts.capacity.volume import MAXIMUM_WINDOWS, WINDOW_DAYS, Volume
from scripts.environment import Account
from scripts.release.clock import SystemClock
from scripts.release.definitions import gpus_per_task
from scripts.release.ledger import Ledger
from scripts.release.ports import Voice
from stacks.naming import Colour, Part


def desk(of: Account, voice: Voice) -> Desk:
    """Where this environment buys."""
    return Desk(
        environment=of.manifest.environment,
        market=Ec2Market(of.clients),
        table=DynamoTable(of.clients, of.manifest.ledger_table),
        clock=SystemClock(),
        voice=voice,
        who=accounts.identity(of.clients),
        host=f"{socket.gethostname()}:{os.getpid()}",
        intent_valid_seconds=of.manifest.policy.intent_valid_seconds,
    )


def needed(of: Account) -> Need:
    template = of.manifest.slot(Part.VLLM, Colour.BLUE).template_family
    return need(of.manifest, gpus_per_task(definitions.definition(of.clients, template)))


def volume(of: Account, varies_percent: float | None) -> Volume:
    """As given, else measured at the public load balancer."""
    if varies_percent is not None:
        return volumes.given(varies_percent)
    today = datetime.now(UTC).date()
    arn, days = of.manifest.door.load_balancer_arn, MAXIMUM_WINDOWS * WINDOW_DAYS
    return volumes.measured(traffic.requests_a_day(of.clients, arn, today, days), today)


def standing(of: Account) -> Standing:
    kind = of.manifest.capacity.instance_type
    found = capacity.reservations(of.clients, kind)
    ours = tuple(one for one in found if _is_ours(of, one))
    hosts = gpu_hosts(capacity.hosts(of.clients, of.manifest.cluster))
    return Standing(of.manifest, hosts, ours, len(found) - len(ours), Ec2Market(of.clients).bought(kind))


def image(of: Account) -> ImageReport:
    pinned = of.manifest.capacity.gpu_ami_id
    return ImageReport(
        environment=of.manifest.environment,
        newest=gpu_image.recommended(of.clients),
        pinned_id=pinned,
        pinned=machines.machine_image(of.clients, pinned) if pinned else None,
        now=datetime.now(UTC),
    )


def _is_ours(of: Account, found: CapacityReservation) -> bool:
    release = release_of(found)
    if release is None:
        return is_permanent(found, of.manifest)
    return Ledger(DynamoTable(of.clients, of.manifest.ledger_table), SystemClock()).entry(release) is not None
