"""GPU hosts with their disks, what is reserved beside them, and the tasks on Fargate."""

from collections.abc import Iterable

from scripts.cost.family import Family, of_type
from scripts.cost.model import Line
from scripts.cost.scene import Moment, Scene
from stacks.offline.declaration import Declaration

_SERVICE = "aws:ecs/service:Service"
_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_GROUP = "aws:autoscaling/group:Group"
_RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"
_UNITS_A_VCPU = 1024
_MIB_A_GB = 1024


def _lines(scene: Scene) -> list[Line]:
    return [*_hosts(scene), *_fargate(scene)]


def _hosts(scene: Scene) -> Iterable[Line]:
    idle, releasing = scene.hosts(Moment.IDLE), scene.hosts(Moment.RELEASING)
    for template in of_type(scene, _TEMPLATE):
        kind = str(template.inputs["instanceType"])
        yield Line(f"GPU hosts that run ({kind})", f"ec2.{kind}", idle, releasing)
        yield from _unused(scene, idle, releasing)
        for disk in template.inputs["blockDeviceMappings"]:
            size_gb, disk_kind = disk["ebs"]["volumeSize"], disk["ebs"]["volumeType"]
            yield Line(
                f"their disks ({size_gb:g} GB {disk_kind})", f"ebs.{disk_kind}", idle * size_gb, releasing * size_gb
            )


def _unused(scene: Scene, idle: int, releasing: int) -> Iterable[Line]:
    """An open reservation is used by the hosts that run; only what nobody uses is paid for beside them."""
    reserved: dict[str, int] = {}
    for one in of_type(scene, _RESERVATION):
        kind = str(one.inputs["instanceType"])
        reserved[kind] = reserved.get(kind, 0) + int(one.inputs["instanceCount"])
    for kind, count in reserved.items():
        yield Line(
            f"reserved and not used ({count} {kind} reserved)",
            f"ec2.{kind}",
            max(0, count - idle),
            max(0, count - releasing),
        )


def _fargate(scene: Scene) -> Iterable[Line]:
    services = [found for found in of_type(scene, _SERVICE) if found.inputs.get("launchType") == "FARGATE"]
    definitions = {scene.task_definition(found).name: scene.task_definition(found) for found in services}
    for name, definition in definitions.items():
        mine = [found for found in services if scene.task_definition(found).name == name]
        idle, releasing = (_tasks(scene, mine, moment) for moment in Moment)
        family = str(definition.inputs["family"])
        vcpus = int(definition.inputs["cpu"]) / _UNITS_A_VCPU
        memory_gb = int(definition.inputs["memory"]) / _MIB_A_GB
        tasks = f"Fargate tasks {family.removesuffix('-template')}"
        yield Line(f"{tasks}, {vcpus:g} vCPU each", "fargate.vcpu", idle * vcpus, releasing * vcpus)
        yield Line(f"{tasks}, {memory_gb:g} GB each", "fargate.memory", idle * memory_gb, releasing * memory_gb)


def _tasks(scene: Scene, services: list[Declaration], moment: Moment) -> int:
    return sum(scene.tasks(service, moment) for service in services)


FAMILY = Family("compute", frozenset({_SERVICE, _DEFINITION, _TEMPLATE, _GROUP, _RESERVATION}), _lines)
