"""Exactly how vLLM is started, as a function of profile and environment."""

import shlex

import pytest

from tests.vllm_image.factories import a_profile, settings_of
from vllm_image import arguments, profiles
from vllm_image.arguments import LaunchPlan
from vllm_image.errors import ModelNotStaged, SettingsInvalid
from vllm_image.profiles import Profile

GOLDEN = """
vllm serve /models/mistralai/Mistral-7B-Instruct-v0.3@e0bc86c
--served-model-name mistralai/Mistral-7B-Instruct-v0.3 --host 0.0.0.0 --port 8000
--max-model-len 2048 --gpu-memory-utilization 0.9
--max-num-seqs 48 --max-num-batched-tokens 2048 --max-num-queued-reqs 96
--generation-config vllm --shutdown-timeout 100 --sse-keep-alive-interval 15
--disable-access-log-for-endpoints /health,/metrics
--enable-request-id-headers --enable-prompt-tokens-details --disable-fastapi-docs
--cudagraph-capture-sizes 1 2 4 8 16 24 32 48
"""


def plan(profile: Profile | None = None, is_staged: bool = True, **environ: str) -> LaunchPlan:
    return arguments.plan(profile or a_profile(), settings_of(**environ), environ, is_staged)


def value_of(flag: str, argv: tuple[str, ...]) -> str:
    return argv[argv.index(flag) + 1]


def test_resume_analysis_in_production_is_exactly_this_command() -> None:
    release = {"SWITCHYARD_MODEL": "mistralai/Mistral-7B-Instruct-v0.3", "SWITCHYARD_MODEL_REVISION": "e0bc86c"}
    found = plan(profiles.load("resume-analysis"), **release, SWITCHYARD_STOP_TIMEOUT_SECONDS="120")
    assert list(found.argv) == shlex.split(GOLDEN)


def test_the_environment_wins_over_the_profile() -> None:
    argv = plan(GPU_MEMORY="0.8", SWITCHYARD_MAX_MODEL_LENGTH="4096", MODEL_NAME="org/other").argv
    assert value_of("--gpu-memory-utilization", argv) == "0.8"
    assert value_of("--max-model-len", argv) == "4096"
    assert value_of("--served-model-name", argv) == "org/other"
    assert argv[2] == "/models/org/other"


def test_without_a_model_in_the_environment_the_profile_names_it() -> None:
    assert plan().model == "mistralai/Mistral-7B-Instruct-v0.3"


def test_a_staged_model_never_asks_the_hub() -> None:
    found = plan(SWITCHYARD_MODEL="m", SWITCHYARD_MODEL_REVISION="r1", SWITCHYARD_MODEL_DIRECTORY="/data")
    assert found.argv[2] == "/data/m@r1"
    assert "--revision" not in found.argv
    assert found.environment["HF_HUB_OFFLINE"] == "1"


def test_a_model_that_is_not_staged_stops_the_container() -> None:
    says = (
        r"/models/o/m@r1: not found after 9 s.*bucket, models/o/m@r1/, once .complete.*SWITCHYARD_MODEL_DOWNLOAD=allow"
    )
    release = {"SWITCHYARD_MODEL": "o/m", "SWITCHYARD_MODEL_REVISION": "r1"}
    with pytest.raises(ModelNotStaged, match=says):
        plan(is_staged=False, **release, SWITCHYARD_START_ALLOWANCE_SECONDS="9")


def test_a_download_that_is_allowed_takes_the_pinned_revision() -> None:
    release = {"SWITCHYARD_MODEL": "org/m", "SWITCHYARD_MODEL_REVISION": "r1"}
    found = plan(is_staged=False, **release, SWITCHYARD_MODEL_DOWNLOAD="allow")
    assert found.argv[2] == "org/m"
    assert value_of("--revision", found.argv) == "r1"
    assert "HF_HUB_OFFLINE" not in found.environment


@pytest.mark.parametrize(("stop", "shutdown"), [("120", "100"), ("12", "10"), ("5", "4"), ("2", "1")])
def test_the_drain_ends_before_ecs_kills(stop: str, shutdown: str) -> None:
    found = plan(SWITCHYARD_STOP_TIMEOUT_SECONDS=stop)
    assert value_of("--shutdown-timeout", found.argv) == shutdown
    assert int(shutdown) < found.kill_after_seconds < float(stop)


def test_a_profile_may_set_a_shorter_drain() -> None:
    assert value_of("--shutdown-timeout", plan(a_profile(shutdown_timeout_seconds=30)).argv) == "30"


def test_a_drain_that_does_not_fit_into_the_stop_timeout_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match=r"shutdown_timeout_seconds: 120, expected less than .* \(120\)"):
        plan(a_profile(shutdown_timeout_seconds=120), SWITCHYARD_STOP_TIMEOUT_SECONDS="120")


def test_a_stop_timeout_without_room_for_a_drain_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match=r"SWITCHYARD_STOP_TIMEOUT_SECONDS: 1, expected at least 2"):
        plan(SWITCHYARD_STOP_TIMEOUT_SECONDS="1")


def test_several_gpus_are_named_only_when_there_are_several() -> None:
    assert "--tensor-parallel-size" not in plan().argv
    assert value_of("--tensor-parallel-size", plan(a_profile(tensor_parallel_size=4)).argv) == "4"


def test_idle_connections_outlive_the_load_balancers() -> None:
    assert plan(SWITCHYARD_KEEP_ALIVE_SECONDS="620.5").environment["VLLM_HTTP_TIMEOUT_KEEP_ALIVE"] == "621"


def test_vllm_inherits_the_rest_of_the_environment() -> None:
    assert plan(PATH="/bin", SWITCHYARD_COLOUR="blue").environment["SWITCHYARD_COLOUR"] == "blue"
