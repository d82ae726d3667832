"""Where reserved hosts lie, what a host has for its tasks, and what it does at its first start. Pure.

`host_start.sh` is the start itself; it runs as root, once, before the ECS agent. `host_models.sh` goes on fetching
models.
"""

import shlex
from collections.abc import Mapping
from pathlib import Path

from stacks.containers import VLLM_USER

INSTANCE_STORE = "/mnt/switchyard"
# vLLM's folders on the host's own disk. They outlive a task; a host that ends takes them along.
HOST_FOLDERS = {name: f"{INSTANCE_STORE}/{name}" for name in ("cache", "models")}
# On the same disk, so that a model appears by one rename, and outside what tasks see.
_ARRIVING = f"{INSTANCE_STORE}/arriving"
# Where the host's DCGM engine listens (amazon-ecs-ami, install-dcgm.sh).
GPU_ENGINE_FOLDER = "/run/nvidia-dcgm"
_START, _MODELS = (Path(__file__).with_name(f"host_{name}.sh") for name in ("start", "models"))


def spread(count: int, zones: tuple[str, ...]) -> dict[str, int]:
    """How many of `count` hosts each zone reserves, the first zones one more; zones without any are left out."""
    shares = {zone: count // len(zones) + (index < count % len(zones)) for index, zone in enumerate(zones)}
    return {zone: share for zone, share in shares.items() if share}


def user_data(cluster: str, model_bucket: str) -> str:
    """The whole start script of a host of this cluster."""
    variables = {
        "CLUSTER": cluster,
        "MOUNT": INSTANCE_STORE,
        "CACHE": HOST_FOLDERS["cache"],
        "MODELS": HOST_FOLDERS["models"],
        "OWNER": VLLM_USER,
        "FETCH_MODELS": fetch_models(model_bucket),
    }
    return _script(_START, variables)


def fetch_models(bucket: str) -> str:
    """What a host runs each minute to have the models that releases may ask for."""
    return _script(_MODELS, {"BUCKET": bucket, "MODELS": HOST_FOLDERS["models"], "ARRIVING": _ARRIVING})


def _script(body: Path, variables: Mapping[str, str]) -> str:
    assigned = "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
    return f"#!/bin/bash\n{assigned}{body.read_text()}"
