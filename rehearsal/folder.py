"""The folder of one rehearsal: who holds it, what an earlier one left, whether this machine can run one."""

import fcntl
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rehearsal.addresses import is_free
from rehearsal.errors import AlreadyRunning, PortTaken, Unsupported
from rehearsal.processes import ProcessRegistry, wait_until

_RELEASE_SECONDS = 2.0
_MACHINES = ("x86_64", "aarch64", "arm64")


def check_machine() -> None:
    """Raises Unsupported anywhere but on Linux on x86-64 or arm64 (127.x addresses, Envoy's wheels)."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        raise Unsupported(
            f"the rehearsal runs on Linux on x86-64 or arm64, this is {platform.system()} on {platform.machine()}: "
            "use a Linux machine, a virtual machine or WSL"
        )


def check_door(addresses: list[str], port: int) -> None:
    """Raises PortTaken when one of the door's addresses is in use."""
    for address in addresses:
        # A process that was killed just now may hold its sockets a moment longer.
        if not wait_until(lambda address=address: is_free(address, port), _RELEASE_SECONDS):  # type: ignore[misc]
            raise PortTaken(
                f"{address}:{port} is in use by another program: choose another door, for example `--port {port + 1}`"
            )


@contextmanager
def held(folder: Path) -> Iterator[ProcessRegistry]:
    """Hold the folder for one rehearsal, cleared of what a killed one left.

    Raises AlreadyRunning when another rehearsal holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        registry = ProcessRegistry(folder)
        registry.clear()
        _clear(folder)
        try:
            yield registry
        finally:
            # Whatever stopped us half-way, nothing that was started here stays.
            registry.clear()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that is there; our process number stands in it meanwhile.

    Raises AlreadyRunning when another process holds it.
    """
    # Not "w": who does not get the lock must leave the holder's number in it.
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"a rehearsal already runs in {folder}{_holder(folder)}: use it, end it with `fab rehearsal.down`, "
                "or set SWITCHYARD_REHEARSAL_DIR to another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def holder(folder: Path) -> int | None:
    """The number in the lock: of the process that holds it, or of one that was killed holding it."""
    try:
        return int((folder / "lock").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _holder(folder: Path) -> str:
    with suppress(OSError, ValueError, KeyError):
        connection = json.loads((folder / "connection.json").read_text())
        return f" (process {connection['pid']}, since {connection['started_at']})"
    pid = holder(folder)
    return f" (process {pid})" if pid else ""


def _clear(folder: Path) -> None:
    for stale in ("connection.json", "generations.jsonl", *(path.name for path in folder.glob("manifest-*.json"))):
        (folder / stale).unlink(missing_ok=True)
    for name in ("logs", "envoy", "tls", "bin", "models"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "logs").mkdir()
