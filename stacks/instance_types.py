"""Hosts the kit can run on: one row for each g5 size. The numbers are EC2's own (DescribeInstanceTypes)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InstanceType:
    """What one host of a type has. Each task on a host takes an interface of its own, and the host keeps one."""

    name: str
    vcpus: int
    memory_mib: int
    gpus: int
    interfaces: int

    @property
    def carries_all_its_gpus(self) -> bool:
        """A vLLM task for each GPU, and the GPU exporter beside them."""
        return self.gpus + 1 <= self.interfaces - 1


INSTANCE_TYPES = {
    row.name: row
    for row in (
        InstanceType("g5.xlarge", 4, 16384, 1, 4),
        InstanceType("g5.2xlarge", 8, 32768, 1, 4),
        InstanceType("g5.4xlarge", 16, 65536, 1, 8),
        InstanceType("g5.8xlarge", 32, 131072, 1, 8),
        InstanceType("g5.12xlarge", 48, 196608, 4, 15),
        InstanceType("g5.16xlarge", 64, 262144, 1, 8),
        InstanceType("g5.24xlarge", 96, 393216, 4, 15),
        InstanceType("g5.48xlarge", 192, 786432, 8, 7),
    )
}


def instance_type(name: str) -> InstanceType:
    """The row of a type that `relations` has found to be known."""
    return INSTANCE_TYPES[name]
