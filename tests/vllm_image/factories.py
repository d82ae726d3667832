"""Small makers of profiles and settings; a test names only what it is about."""

from typing import Any

from vllm_image import profiles, settings
from vllm_image.profiles import Profile
from vllm_image.settings import Settings

VALUES: dict[str, Any] = {
    "description": "a profile for tests",
    "model": "mistralai/Mistral-7B-Instruct-v0.3",
    "gpu": "A10G, 24 GB",
    "tensor_parallel_size": 1,
    "max_model_length_tokens": 2048,
    "gpu_memory_share": 0.9,
    "max_running_requests": 8,
    "max_in_flight_requests": 16,
    "max_batched_tokens": 2048,
    "cudagraph_capture_sizes": [1, 2, 4, 8],
    "generation_config": "vllm",
    "sse_keep_alive_interval_seconds": 15,
}


def a_profile(**changes: Any) -> Profile:
    return profiles.from_values("test", {**VALUES, **changes})


def settings_of(**environ: str) -> Settings:
    return settings.read(environ)
