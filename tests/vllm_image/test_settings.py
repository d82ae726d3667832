"""The environment is read once; what is unusable or contradictory stops the container with one message."""

import re
from pathlib import Path, PurePosixPath

import pytest
import yaml

from stacks.offline.settings import SafeLoader
from tests.vllm_image.factories import settings_of
from vllm_image import addresses, settings
from vllm_image.errors import SettingsInvalid
from vllm_image.settings import Download, Timing

REPOSITORY = Path(__file__).resolve().parents[2]
CONTRACT = yaml.load((REPOSITORY / "tests/contracts/task_environment.yaml").read_text(), Loader=SafeLoader)


def test_an_empty_environment_is_the_production_default() -> None:
    found = settings_of()
    assert (found.profile, found.bind_address, found.check_address) == ("resume-analysis", "0.0.0.0", "127.0.0.1")
    assert (found.model, found.model_revision, found.download) == (None, None, Download.REFUSE)
    assert (found.stop_timeout_seconds, found.keep_alive_seconds) == (120.0, 75.0)
    assert found.timing == Timing()


def test_an_empty_value_counts_as_unset() -> None:
    assert settings_of(SWITCHYARD_MODEL="", MODEL_NAME="org/model").model == "org/model"


def test_checks_use_the_address_that_the_container_listens_on() -> None:
    found = settings_of(SWITCHYARD_BIND_ADDRESS="127.3.0.9")
    assert (found.bind_address, found.check_address) == ("127.3.0.9", "127.3.0.9")


@pytest.mark.parametrize(
    ("name", "also", "value", "field"),
    [
        ("SWITCHYARD_MODEL", "MODEL_NAME", "org/model", "model"),
        ("SWITCHYARD_GPU_MEMORY_SHARE", "GPU_MEMORY", "0.85", "gpu_memory_share"),
        ("SWITCHYARD_MAX_MODEL_LENGTH", "MAX_LENGTH", "4096", "max_model_length_tokens"),
    ],
)
def test_the_articles_names_are_accepted(name: str, also: str, value: str, field: str) -> None:
    assert str(getattr(settings_of(**{also: value}), field)) == value
    assert settings_of(**{also: value}) == settings_of(**{name: value}) == settings_of(**{name: value, also: value})


def test_the_same_number_written_differently_is_no_contradiction() -> None:
    assert settings_of(SWITCHYARD_GPU_MEMORY_SHARE="0.90", GPU_MEMORY="0.9").gpu_memory_share == 0.9


@pytest.mark.parametrize(
    ("name", "value", "also", "other"),
    [
        ("SWITCHYARD_MODEL", "org/one", "MODEL_NAME", "org/two"),
        ("SWITCHYARD_GPU_MEMORY_SHARE", "0.8", "GPU_MEMORY", "0.9"),
        ("SWITCHYARD_MAX_MODEL_LENGTH", "2048", "MAX_LENGTH", "4096"),
    ],
)
def test_two_names_with_different_values_are_refused(name: str, value: str, also: str, other: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"{name}: '{value}', expected the same as {also} \\('{other}'\\)"):
        settings_of(**{name: value, also: other})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SWITCHYARD_MODEL", "--trust-remote-code"),
        ("SWITCHYARD_MODEL", "../secrets"),
        ("SWITCHYARD_MODEL_REVISION", "a/b"),
        ("SWITCHYARD_GPU_MEMORY_SHARE", "1.0"),
        ("GPU_MEMORY", "nan"),
        ("MAX_LENGTH", "4k"),
        ("SWITCHYARD_MODEL_DIRECTORY", "models"),
        ("SWITCHYARD_MODEL_DOWNLOAD", "yes"),
        ("SWITCHYARD_STOP_TIMEOUT_SECONDS", "0"),
        ("SWITCHYARD_KEEP_ALIVE_SECONDS", "soon"),
        ("SWITCHYARD_PROBE_FAILURES", "0"),
    ],
)
def test_an_unusable_value_is_refused_with_the_value(name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"'?{re.escape(value)}"):
        settings_of(**{name: value})


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsInvalid, match=r"environment: 2 problem\(s\)"):
        settings_of(MAX_LENGTH="long", SWITCHYARD_PROBE_INTERVAL_SECONDS="-1")


def test_times_can_be_shortened() -> None:
    timing = settings_of(SWITCHYARD_PROBE_INTERVAL_SECONDS="0.5", SWITCHYARD_PROBE_FAILURES="2").timing
    assert (timing.probe_interval_seconds, timing.probe_failures) == (0.5, 2)


def test_models_are_looked_for_below_the_directory() -> None:
    assert settings_of(SWITCHYARD_MODEL_DIRECTORY="/data").model_directory == PurePosixPath("/data")


def test_every_variable_that_is_read_is_documented_where_it_is_read() -> None:
    source = Path(settings.__file__).read_text()
    read = set(re.findall(r'"((?:SWITCHYARD_|MODEL_|GPU_|MAX_)[A-Z_]+)"', source))
    assert read and all(name in (settings.__doc__ or "") for name in read)


def test_what_the_template_tells_vllm_is_read() -> None:
    told = set(CONTRACT["template"]["vllm"]) - {"SWITCHYARD_ENVIRONMENT"}
    assert all(name in (settings.__doc__ or "") for name in told | set(CONTRACT["host"]))


def test_ports_are_those_of_the_task_contract() -> None:
    assert CONTRACT["ports"]["vllm"] == {"http": addresses.VLLM_PORT, "ready": addresses.READY_PORT}
