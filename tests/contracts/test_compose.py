"""compose.yaml holds to the Compose Specification, and to what the two images really read, answer and write."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from gateway import environment
from gateway.settings import Settings
from jsonschema import Draft202012Validator

import vllm_image.settings
from stacks.offline.settings import SafeLoader
from vllm_image import readiness
from vllm_image.addresses import READY_PORT, VLLM_PORT
from vllm_image.monitor import Board
from vllm_image.readiness import Condition
from vllm_image.ready_server import ReadyServer
from vllm_image.settings import Download, Timing

ROOT = Path(__file__).resolve().parents[2]
SPECIFICATION = Path(__file__).parent / "compose_spec"
COMPOSE = yaml.load((ROOT / "compose.yaml").read_text(), Loader=SafeLoader)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VLLM, GATEWAY = SERVICES["vllm"], SERVICES["gateway"]
BASES = {"vllm": "VLLM_IMAGE", "gateway": "PYTHON_IMAGE"}
KEYS = '{"ana": "sk-1"}'
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?+])((?:[^{}]|\{[^{}]*\})*))?\}")


class Asked(dict[str, str]):
    """An environment that remembers which variables were looked at."""

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def interpolated(value: str, variables: dict[str, str]) -> str:
    """As compose does it: `${A:-default}`, `${A:?refusal}`, `${A:+instead}`."""

    def replace(found: re.Match[str]) -> str:
        name, kind, word = found.groups()
        said = variables.get(name, "")
        if kind == "+":
            return interpolated(word, variables) if said else ""
        if not said and kind == "?":
            raise LookupError(word)
        return said or (word if kind == "-" else "")

    return _VARIABLE.sub(replace, value)


def told(service: dict[str, Any], **variables: str) -> dict[str, str]:
    return {name: interpolated(value, variables) for name, value in service["environment"].items()}


def dockerfile(folder: str, instruction: str) -> list[str]:
    text = (ROOT / folder / "Dockerfile").read_text().replace("\\\n", "")
    return re.findall(rf"^{instruction} +(.*)$", text, re.MULTILINE)


def test_it_is_a_compose_file() -> None:
    specification = json.loads((SPECIFICATION / "compose-spec.json").read_text())
    assert [error.message for error in Draft202012Validator(specification).iter_errors(COMPOSE)] == []


def test_the_specification_is_the_one_that_its_note_names() -> None:
    digest = hashlib.sha256((SPECIFICATION / "compose-spec.json").read_bytes()).hexdigest()
    assert digest in (SPECIFICATION / "README.md").read_text()


@pytest.mark.parametrize(("name", "variable"), BASES.items())
def test_without_a_digest_nothing_starts_and_the_command_that_prints_one_is_said(name: str, variable: str) -> None:
    service = SERVICES[name]
    assert "image" not in service
    assert set(service["build"]["args"]) == {variable}
    with pytest.raises(LookupError, match=r"unpinned.*@sha256:\.\.\..*docker buildx imagetools inspect"):
        interpolated(service["build"]["args"][variable], {})
    assert f"ARG {variable}" in (ROOT / service["build"]["context"] / "Dockerfile").read_text()


def test_without_a_key_nothing_starts() -> None:
    with pytest.raises(LookupError, match="no client has a key"):
        told(GATEWAY)


def test_the_gateway_reads_every_variable_that_it_is_given() -> None:
    allowed = {"SWITCHYARD_EXTERNAL_FALLBACK": "allow", "OPENAI_API_KEY": "o", "SWITCHYARD_OPENAI_MODEL": "gpt-4o"}
    asked = Asked(told(GATEWAY, SWITCHYARD_API_KEYS=KEYS, **allowed))
    found = environment.load(asked)
    assert set(GATEWAY["environment"]) - asked.names == set()
    assert found.openai is not None and found.openai.api_key == "o"


def test_vllm_reads_every_variable_that_it_is_given() -> None:
    asked = Asked(told(VLLM, GPU_MEMORY="0.8", MAX_LENGTH="2048"))
    found = vllm_image.settings.read(asked)
    assert set(VLLM["environment"]) - asked.names == {"HF_TOKEN"}  # the model hub's client reads it
    assert (found.gpu_memory_share, found.max_model_length_tokens) == (0.8, 2048)


def test_the_articles_defaults_are_the_defaults() -> None:
    found = vllm_image.settings.read(told(VLLM))
    assert found.model == "mistralai/Mistral-7B-Instruct-v0.3"
    assert (found.gpu_memory_share, found.max_model_length_tokens) == (0.9, 4096)
    assert found.download is Download.ALLOW


def test_the_gateway_asks_this_vllm_for_the_model_that_it_serves() -> None:
    found = environment.load(told(GATEWAY, SWITCHYARD_API_KEYS=KEYS, MODEL_NAME="tiny"))
    assert (found.vllm_url, found.model) == (f"http://vllm:{VLLM_PORT}", "tiny")
    assert vllm_image.settings.read(told(VLLM, MODEL_NAME="tiny")).model == "tiny"


def test_a_key_of_openai_that_lies_about_stays_out_unless_prompts_may_leave() -> None:
    around = {"SWITCHYARD_API_KEYS": KEYS, "OPENAI_API_KEY": "secret"}
    assert "secret" not in told(GATEWAY, **around).values()
    assert told(GATEWAY, **around, SWITCHYARD_EXTERNAL_FALLBACK="allow")["OPENAI_API_KEY"] == "secret"


def test_only_this_machine_reaches_it_and_only_through_the_gateway() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)
    inside = [int(port.rpartition(":")[2]) for port in GATEWAY["ports"]]
    assert inside == [Settings.http_port, Settings.metrics_port] and "ports" not in VLLM


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_as_little_as_its_service_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert "no-new-privileges:true" in service["security_opt"] and "privileged" not in service
    (user,) = dockerfile(service["build"]["context"], "USER")
    assert service.get("user", user) == user and not user.startswith(("0", "root"))


def test_what_vllm_writes_has_a_place_although_its_root_is_read_only() -> None:
    places = [*(entry.split(":")[0] for entry in VLLM["tmpfs"]), *(entry.split(":")[1] for entry in VLLM["volumes"])]
    (variables,) = dockerfile("vllm_image", "ENV")
    written = re.findall(r"(?:HOME|XDG_CACHE_HOME|\w+_CACHE_ROOT|\w+_DIR|HF_HOME|\w+_BASE)=(/\S+)", variables)
    assert len(written) == 7 and "/tmp" in places
    assert [path for path in written if not path.startswith(tuple(places))] == []
    assert all(entry.partition(":")[0] in COMPOSE["volumes"] for entry in VLLM["volumes"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_comes_back_and_ends_in_order(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    stop_seconds = int(service["stop_grace_period"].removesuffix("s"))
    assert stop_seconds == Settings.stop_timeout_seconds == vllm_image.settings.read({}).stop_timeout_seconds


def test_vllm_has_one_gpu_and_the_gateway_waits_until_it_is_ready() -> None:
    (device,) = VLLM["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["count"], device["capabilities"]) == ("nvidia", 1, ["gpu"])
    assert GATEWAY["depends_on"] == {"vllm": {"condition": "service_healthy"}}


def test_the_gateways_check_is_in_its_image() -> None:
    kind, *command = GATEWAY["healthcheck"]["test"]
    assert (kind, command) == ("CMD", ["python", "-m", "gateway.check"])
    assert (ROOT / "app_image" / "gateway" / "check.py").is_file()
    assert "gateway /app/gateway" in dockerfile("app_image", "COPY")


@pytest.mark.parametrize(("change", "status"), [(readiness.warmed, 0), (lambda condition: condition, 1)])
def test_vllms_check_passes_once_it_is_ready_and_not_before(
    change: Callable[[Condition], Condition], status: int, unused_tcp_port: int
) -> None:
    kind, program, flag, code = VLLM["healthcheck"]["test"]
    assert (kind, program, flag) == ("CMD", "python3", "-c") and f":{READY_PORT}/ready" in code
    board = Board()
    board.change(change)
    with ReadyServer("127.0.0.1", unused_tcp_port, board, Timing()) as server:
        server.start()
        here = code.replace(str(READY_PORT), str(unused_tcp_port))
        ended = subprocess.run([sys.executable, flag, here], capture_output=True, check=False)
        server.shutdown()
    assert ended.returncode == status
