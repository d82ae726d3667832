"""The real capacity tasks against the EC2, ECS and ledger of this process, killed ones included."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from rehearsal.cloud import parameters
from rehearsal.cloud.backends import ACCOUNT_ID
from rehearsal.cloud.calls import Call
from rehearsal.cloud.capacity import CapacityMarket
from rehearsal.cloud.reserved import ReservationShop
from rehearsal.cloud.server import Cloud
from scripts.aws.clients import Clients
from scripts.aws.table import DynamoTable
from stacks.manifest import ITEM_KEY, to_json
from stacks.naming import Names, Part
from tests.rehearsal.fab import Fab, connect
from tests.scripts.examples import manifest, template
from tests.scripts.moto_environment import make_table

pytestmark = pytest.mark.slow
REGION = "us-east-1"
KIT = manifest("rehearsal")
PURCHASE = "PurchaseReservedInstancesOffering"
BUY = ("capacity.reserve", "--payment", "no-upfront", "--count", "2", "--buy")


@dataclass
class Account:
    """An account with one environment, reached by the tasks through the folder's connection file."""

    cloud: Cloud
    shop: ReservationShop
    clients: Clients
    fab: Fab
    at_purchase: Callable[[], None] = lambda: None
    called: list[str] = field(default_factory=list)

    def note(self, call: Call) -> None:
        self.called.append(f"{call.principal} {call.service}:{call.operation}")
        if call.operation == PURCHASE:
            self.at_purchase()

    def reserved(self) -> list[int]:
        found = self.clients.read("ec2").describe_reserved_instances()["ReservedInstances"]
        return [one["InstanceCount"] for one in found]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    cloud, shop = Cloud(REGION), ReservationShop()
    cloud.start()
    shop.on_demand_usd = KIT.capacity.hourly_usd
    shop.install()
    CapacityMarket(ACCOUNT_ID, REGION, quota_vcpus=64).install()
    parameters.install()
    session = Session()
    session.set_credentials("owner", "rehearsal")
    clients = Clients(session, REGION, cloud.endpoint_url)
    _furnish(clients)
    connect(cloud, REGION, tmp_path)
    made = Account(cloud, shop, clients, Fab(tmp_path))
    cloud.before_answer = made.note
    yield made
    cloud.stop()


def test_a_plan_changes_nothing_and_ends_with_the_line_that_buys(account: Account) -> None:
    ended = account.fab("capacity.reserve", "--payment", "no-upfront")
    assert ended.code == 0, ended.said
    assert [(o["saving_percent"], o["break_even_percent_of_hours"]) for o in ended.answer["offers"]] == [(37.0, 63.0)]
    assert ended.answer["next_command"].endswith("--payment no-upfront --offering-class standard --buy")
    assert account.reserved() == []
    assert not any("UpdateItem" in call for call in account.called)


def test_without_a_yes_nothing_is_bought(account: Account) -> None:
    ended = account.fab(*BUY, yes=False)
    assert ended.code == 1
    assert "It cannot be cancelled" in ended.said
    assert account.reserved() == []


def test_a_yes_buys_once_and_the_same_line_again_is_refused(account: Account) -> None:
    first, again = account.fab(*BUY), account.fab(*BUY)
    assert (first.code, again.code) == (0, 1), first.said
    assert "--on-top" in again.said
    assert account.reserved() == [2]


def test_a_task_killed_while_ec2_sells_buys_once(account: Account) -> None:
    running = account.fab.start(*BUY)
    account.at_purchase = lambda: os.kill(running.process.pid, signal.SIGKILL)
    assert running.end().code == -signal.SIGKILL
    ended = account.fab(*BUY)
    assert ended.code == 0, ended.said
    assert "recorded now: ri-00000001. Nothing was bought by this run" in ended.said
    assert account.reserved() == [2]


def test_an_answer_that_is_lost_leaves_the_purchase_to_the_next_run(account: Account) -> None:
    def lose() -> None:
        raise ConnectionError

    account.at_purchase = lose
    stopped = account.fab(*BUY)
    assert (stopped.code, stopped.answer["result"]) == (4, "half-way")
    assert stopped.answer["next_command"] == "fab capacity.reserve --env rehearsal"
    assert account.called.count(f"owner ec2:{PURCHASE}") == 1
    assert account.fab("capacity.reserve").code == 0
    assert account.reserved() == [2]


def test_the_operator_sees_what_is_reserved_and_unused(account: Account) -> None:
    for zone, tags in (("us-east-1a", _tags("rehearsal")), ("us-east-1b", _tags("other"))):
        account.clients.read("ec2").create_capacity_reservation(
            InstanceType="g5.xlarge",
            InstancePlatform="Linux/UNIX",
            AvailabilityZone=zone,
            InstanceCount=1,
            TagSpecifications=[{"ResourceType": "capacity-reservation", "Tags": tags}],
        )
    found = account.fab("capacity.status").answer
    assert (found["reserved_hosts"], found["unused_hosts"], found["unused_hourly_usd"]) == (1, 1, 1.006)
    assert found["other_capacity_reservations"] == 1
    assert {call for call in account.called if call.startswith("operator")} == {
        "operator dynamodb:GetItem",
        "operator ec2:DescribeCapacityReservations",
        "operator ec2:DescribeReservedInstances",
        "operator ecs:ListContainerInstances",
    }


def test_the_operator_sees_the_newest_image_and_the_line_that_pins_it(account: Account) -> None:
    ended = account.fab("capacity.image")
    newest = ended.answer["newest"]["image_id"]
    assert ended.answer["next_command"] == f"pulumi config set gpuAmiId {newest} --stack rehearsal"
    assert ended.answer["pinned_age_days"] is None


def _furnish(clients: Clients) -> None:
    names = Names(KIT.environment)
    make_table(clients, KIT.ledger_table)
    table = DynamoTable(clients, KIT.ledger_table)
    kit = replace(KIT, capacity=replace(KIT.capacity, gpu_ami_id="ami-00000000000000000"))
    table.put({**ITEM_KEY, "body": to_json(kit)})
    ecs = clients.read("ecs")
    ecs.create_cluster(clusterName=KIT.cluster)
    body: dict[str, Any] = template(Part.VLLM, names)
    for container in body["containerDefinitions"]:
        container["memory"] = 256
    ecs.register_task_definition(**{**body, "networkMode": "bridge"})


def _tags(environment: str) -> list[dict[str, str]]:
    name = f"{Names(environment).prefix}-us-east-1a"
    return [{"Key": "switchyard:purpose", "Value": "permanent"}, {"Key": "Name", "Value": name}]
