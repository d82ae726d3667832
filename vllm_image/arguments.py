"""Profile + environment → exactly how vLLM is started. Pure: no file, no process, no clock.

The flags are those of vLLM 0.33, the version that the image is built from.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from vllm_image.addresses import VLLM_PORT
from vllm_image.errors import ModelNotStaged, SettingsInvalid
from vllm_image.profiles import Profile
from vllm_image.settings import Download, Settings

_SHUTDOWN_SHARE_OF_STOP = 5 / 6
_MAX_CHOICES_PER_REQUEST = 64  # vLLM would allow 16384 completions in one request


@dataclass(frozen=True)
class LaunchPlan:
    """All that is decided before a process starts."""

    model: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    shutdown_timeout_seconds: int
    kill_after_seconds: float


def check(profile: Profile, settings: Settings) -> None:
    """What is wrong whatever the host has, said before anybody waits for a model. Raises SettingsInvalid."""
    _shutdown_timeout_seconds(profile, settings)


def plan(profile: Profile, settings: Settings, environ: Mapping[str, str], is_staged: bool) -> LaunchPlan:
    """Decide how to start vLLM; `is_staged` says whether `model_path` exists on this host.

    Raises SettingsInvalid when the drain does not fit into the stop timeout, ModelNotStaged when there is no model.
    """
    model = served_model(profile, settings)
    source = _model_source(model_path(profile, settings), model, settings, is_staged)
    shutdown = _shutdown_timeout_seconds(profile, settings)
    return LaunchPlan(
        model=model,
        argv=("vllm", "serve", source, *_flags(profile, settings, model, shutdown, is_staged)),
        environment={**environ, **_variables(settings, is_staged)},
        shutdown_timeout_seconds=shutdown,
        # vLLM has been seen to linger after its drain: end it before ECS does, and with an exit code of our own.
        kill_after_seconds=(shutdown + settings.stop_timeout_seconds) / 2,
    )


def served_model(profile: Profile, settings: Settings) -> str:
    """The name that clients use."""
    return settings.model or profile.model


def model_path(profile: Profile, settings: Settings) -> PurePosixPath:
    """Where the host stages the model: a folder for each revision, so that two releases never share one."""
    suffix = f"@{settings.model_revision}" if settings.model_revision else ""
    return settings.model_directory / f"{served_model(profile, settings)}{suffix}"


def _model_source(path: PurePosixPath, model: str, settings: Settings, is_staged: bool) -> str:
    if is_staged:
        return os.fspath(path)
    if settings.download is Download.ALLOW:
        return model
    raise ModelNotStaged(
        f"model folder {path}: not found after {settings.timing.start_allowance_seconds:g} s. The host brings it from "
        f"the model bucket, models/{path.relative_to(settings.model_directory)}/, once .complete is there: upload the "
        "model and, last, that file (docs/first-deploy.md, section 5). By hand: mount it there, or set "
        "SWITCHYARD_MODEL_DOWNLOAD=allow to fetch it at every start"
    )


def _flags(profile: Profile, settings: Settings, model: str, shutdown: int, is_staged: bool) -> list[str]:
    options: dict[str, object] = {
        "--served-model-name": model,
        "--host": settings.bind_address,
        "--port": VLLM_PORT,
        "--max-model-len": settings.max_model_length_tokens or profile.max_model_length_tokens,
        "--gpu-memory-utilization": settings.gpu_memory_share or profile.gpu_memory_share,
        "--max-num-seqs": profile.max_running_requests,
        "--max-num-batched-tokens": profile.max_batched_tokens,
        "--max-num-queued-reqs": profile.max_in_flight_requests,
        "--generation-config": profile.generation_config,
        "--shutdown-timeout": shutdown,
        "--sse-keep-alive-interval": profile.sse_keep_alive_interval_seconds,
        "--disable-access-log-for-endpoints": "/health,/metrics",
    }
    if profile.tensor_parallel_size > 1:
        options["--tensor-parallel-size"] = profile.tensor_parallel_size
    if settings.model_revision and not is_staged:
        options["--revision"] = settings.model_revision
    switches = ["--enable-request-id-headers", "--enable-prompt-tokens-details", "--disable-fastapi-docs"]
    sizes = [str(size) for size in profile.cudagraph_capture_sizes]
    return [*(str(part) for pair in options.items() for part in pair), *switches, "--cudagraph-capture-sizes", *sizes]


def _shutdown_timeout_seconds(profile: Profile, settings: Settings) -> int:
    stop = settings.stop_timeout_seconds
    own = profile.shutdown_timeout_seconds
    shutdown = math.floor(stop * _SHUTDOWN_SHARE_OF_STOP) if own is None else own
    if shutdown < 1:
        raise SettingsInvalid(f"SWITCHYARD_STOP_TIMEOUT_SECONDS: {stop:g}, expected at least 2 to finish any request")
    if shutdown >= stop:
        raise SettingsInvalid(
            f"{profile.name}.toml: shutdown_timeout_seconds: {shutdown}, expected less than "
            f"SWITCHYARD_STOP_TIMEOUT_SECONDS ({stop:g}): ECS would kill vLLM during its drain"
        )
    return shutdown


def _variables(settings: Settings, is_staged: bool) -> dict[str, str]:
    variables = {
        # vLLM's default of 5 s is shorter than the load balancer's idle timeout: every reuse is a chance for a 502.
        "VLLM_HTTP_TIMEOUT_KEEP_ALIVE": str(math.ceil(settings.keep_alive_seconds)),
        "VLLM_ENGINE_READY_TIMEOUT_S": str(math.ceil(settings.timing.start_allowance_seconds)),
        "VLLM_MAX_N_SEQUENCES": str(_MAX_CHOICES_PER_REQUEST),
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
    }
    return {**variables, "HF_HUB_OFFLINE": "1"} if is_staged else variables
