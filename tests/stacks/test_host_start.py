"""The start script of a GPU host, run with stand-ins for everything that needs a disk, root or systemd."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from stacks.hosts import HOST_FOLDERS, INSTANCE_STORE, user_data

EBS, STORE = "Amazon Elastic Block Store", "Amazon EC2 NVMe Instance Storage"
BUCKET = "switchyard-staging-models-111122223333"
_NOTED = 'echo "$(basename "$0") $*" >> "$CALLS"\n'
_BODIES = {
    "lsblk": 'cat "$DISKS"\n',
    # An empty disk has nothing to tell; one with a file system tells its UUID.
    "blkid": '[ -e "$FORMATTED" ] || exit 2\necho 11111111-2222\n',
    "mkfs.xfs": 'touch "$FORMATTED"\n',
    "mountpoint": '[ -e "$MOUNTED" ]\n',
    "mount": 'touch "$MOUNTED"\n',
    "install": "",
    "systemctl": "",
    "aws": "",
}


@dataclass(frozen=True)
class Machine:
    """A host in a folder: its /etc, its disks, and what was called."""

    root: Path

    def attach(self, *disks: tuple[str, str]) -> None:
        (self.root / "disks").write_text("".join(f"{name} {model}\n" for name, model in disks))

    def start(self) -> "subprocess.CompletedProcess[str]":
        script = user_data("switchyard-staging", BUCKET).replace("/etc/", f"{self.root}/etc/")
        script = script.replace("/usr/local/sbin", f"{self.root}/sbin")
        script = script.replace(INSTANCE_STORE, str(self.root / "store"))
        names = {name.upper(): str(self.root / name) for name in ("calls", "disks", "formatted", "mounted")}
        return subprocess.run(
            ["bash"],
            input=script,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": f"{self.root / 'bin'}{os.pathsep}/usr/bin:/bin", **names},
        )

    @property
    def calls(self) -> list[str]:
        return (self.root / "calls").read_text().splitlines()

    def etc(self, name: str) -> str:
        return (self.root / "etc" / name).read_text()

    @property
    def would_join(self) -> bool:
        return (self.root / "etc/ecs/ecs.config").exists()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    for folder in ("bin", "etc/ecs"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/fstab").touch()
    for name, body in _BODIES.items():
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/bash\n{_NOTED}{body}")
        program.chmod(0o755)
    made = Machine(tmp_path)
    made.attach(("/dev/nvme0n1", EBS), ("/dev/nvme1n1", STORE))
    return made


def test_the_script_is_bash_and_within_ec2s_limit() -> None:
    script = user_data("switchyard-staging", BUCKET)
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    assert len(script) < 16 * 1024


def test_the_instance_store_is_told_from_an_ebs_volume_by_its_model(machine: Machine) -> None:
    machine.attach(("/dev/nvme0n1", STORE), ("/dev/nvme1n1", EBS))
    assert machine.start().returncode == 0
    assert "mkfs.xfs -q /dev/nvme0n1" in machine.calls
    assert not any("nvme1n1" in call for call in machine.calls)


def test_of_two_disks_one_is_used_and_always_the_same(machine: Machine) -> None:
    machine.attach(("/dev/nvme2n1", STORE), ("/dev/nvme0n1", EBS), ("/dev/nvme1n1", STORE))
    assert machine.start().returncode == 0
    assert [call for call in machine.calls if call.startswith("mkfs")] == ["mkfs.xfs -q /dev/nvme1n1"]


def test_vllm_writes_its_caches_and_reads_models(machine: Machine) -> None:
    """What the next release loads is nobody's to change."""
    machine.start()
    made = [call for call in machine.calls if call.startswith("install")]
    cache, models = (HOST_FOLDERS[n].replace(INSTANCE_STORE, str(machine.root / "store")) for n in ("cache", "models"))
    assert made == [f"install -d -o 2000 -g 0 -m 0770 {cache}", f"install -d -o root -g root -m 0755 {models}"]


def test_a_host_without_instance_store_says_so_and_does_not_join(machine: Machine) -> None:
    machine.attach(("/dev/nvme0n1", EBS))
    ran = machine.start()
    assert ran.returncode == 1
    assert "does not join the cluster: it has no NVMe instance store" in ran.stderr
    assert not machine.would_join
    assert not any(call.startswith(("mkfs", "mount ")) for call in machine.calls)


@pytest.mark.parametrize("broken", ["lsblk", "mkfs.xfs", "mount", "install"])
def test_whatever_fails_on_the_way_keeps_the_host_out(machine: Machine, broken: str) -> None:
    (machine.root / "bin" / broken).write_text("#!/bin/bash\nexit 1\n")
    ran = machine.start()
    assert ran.returncode == 1
    assert "does not join the cluster" in ran.stderr
    assert not machine.would_join


def test_the_agent_waits_for_the_disk_at_every_start_also_after_a_failed_one(machine: Machine) -> None:
    machine.attach(("/dev/nvme0n1", EBS))
    machine.start()
    unit = machine.etc("systemd/system/ecs.service.d/10-switchyard.conf")
    assert f"AssertPathIsMountPoint={machine.root}/store" in unit
    assert f"RequiresMountsFor={machine.root}/store" in unit


def test_a_second_run_changes_nothing(machine: Machine) -> None:
    assert machine.start().returncode == 0
    before, fstab = len(machine.calls), machine.etc("fstab")
    assert machine.start().returncode == 0
    assert machine.etc("fstab") == fstab
    assert not any(call.startswith(("mkfs", "mount ")) for call in machine.calls[before:])


def test_a_disk_that_is_gone_does_not_keep_the_host_from_booting(machine: Machine) -> None:
    machine.start()
    (line,) = machine.etc("fstab").splitlines()
    assert line == f"UUID=11111111-2222 {machine.root}/store xfs defaults,noatime,nofail 0 0"


def test_a_host_shows_gpus_to_tasks_keeps_its_credentials_from_them_and_runs_nothing_privileged(
    machine: Machine,
) -> None:
    machine.start()
    assert set(machine.etc("ecs/ecs.config").split()) == {
        "ECS_CLUSTER=switchyard-staging",
        "ECS_ENABLE_GPU_SUPPORT=true",
        "ECS_ENABLE_TASK_IAM_ROLE=true",
        "ECS_AWSVPC_BLOCK_IMDS=true",
        "ECS_DISABLE_PRIVILEGED=true",
        "ECS_IMAGE_PULL_BEHAVIOR=prefer-cached",
        "ECS_IMAGE_MINIMUM_CLEANUP_AGE=3h",
    }


def test_the_gpu_exporter_may_reach_the_hosts_engine_and_a_host_without_one_still_joins(machine: Machine) -> None:
    (machine.root / "bin/systemctl").write_text(f'#!/bin/bash\n{_NOTED}[ "$1" != --no-block ]\n')
    assert machine.start().returncode == 0
    unit = machine.etc("systemd/system/nvidia-dcgm.service.d/20-switchyard.conf")
    assert "chmod 0666 /run/nvidia-dcgm/nv-hostengine" in unit
    assert machine.would_join


def test_models_are_fetched_at_once_and_each_minute_and_nothing_waits_for_them(machine: Machine) -> None:
    machine.start()
    assert "systemctl enable --now switchyard-models.timer" in machine.calls
    timer = machine.etc("systemd/system/switchyard-models.timer")
    assert "OnActiveSec=1" in timer and "OnUnitInactiveSec=60" in timer
    script = machine.root / "sbin/switchyard-models"
    assert os.access(script, os.X_OK) and f"BUCKET={BUCKET}" in script.read_text()
