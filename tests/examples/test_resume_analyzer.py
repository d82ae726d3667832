"""The BAML example reads a resume through the real gateway, and says in its own words what went wrong."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from examples.resume_analyzer import settings
from examples.resume_analyzer.errors import SettingsInvalid
from rehearsal.fake_behaviour import OpenAIBehaviour
from tests.children import MEASURED
from tests.examples.generating import generate
from tests.gateway import speech
from tests.gateway.stage import KEY, Stage
from tests.gateway.upstream import Script
from tests.rehearsal.upstreams import servers

ROOT = Path(__file__).parents[2]
SAMPLE = "examples/resume_analyzer/samples/john_doe.txt"
READ = {"name": "John Doe", "years_of_experience": 5, "skills": ["Python", "JavaScript", "Docker"]}
SAID = f"Here it is:\n```json\n{json.dumps(READ)}\n```"
EXPECTED = "Name: John Doe\nYears of experience: 5\nSkills: Python, JavaScript, Docker\n"


@dataclass
class Ran:
    status: int
    output: str
    errors: str


async def analyzer(environ: Mapping[str, str], *, file: str = SAMPLE, root: Path = ROOT) -> Ran:
    """The command line, as a person would run it at the repository's root."""
    pipe = asyncio.subprocess.PIPE
    argv = [sys.executable, "-m", "examples.resume_analyzer", file]
    process = await asyncio.create_subprocess_exec(
        *argv, cwd=root, env={"PATH": os.environ["PATH"], **MEASURED, **environ}, stdout=pipe, stderr=pipe
    )
    output, errors = await process.communicate()
    return Ran(process.returncode or 0, output.decode(), errors.decode())


def environ(stage: Stage, **changes: str) -> dict[str, str]:
    return {
        "SWITCHYARD_BASE_URL": f"http://127.0.0.1:{stage.port}/v1",
        "SWITCHYARD_API_KEY": KEY,
        "MODEL_NAME": speech.MODEL,
        "OPENAI_BASE_URL": f"{stage.openai.url}/v1",
        "OPENAI_API_KEY": "sk-openai",
        **changes,
    }


def said(text: str = SAID) -> Script:
    """vLLM's stream of it."""
    return speech.stream(*text.splitlines(keepends=True))


async def test_the_sample_is_read_by_the_model_that_is_hosted(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script = said()

    ran = await analyzer(environ(stage))

    assert (ran.status, ran.output) == (0, EXPECTED)
    assert ran.errors == "client LocalVLLM, answered by vllm\n"
    asked = json.dumps(stage.vllm.only.body)
    assert "John Doe" in asked and "years_of_experience" in asked
    assert stage.openai.seen == []


async def test_when_vllm_fails_openai_reads_it_and_the_program_says_so(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script, stage.openai.script = speech.error(503), speech.completion(SAID)

    ran = await analyzer(environ(stage))

    assert (ran.status, ran.output) == (0, EXPECTED)
    assert ran.errors.startswith("client LocalVLLM, answered by openai (")


async def test_one_variable_swaps_the_client(stage: Stage) -> None:
    await stage.start()
    stage.openai.script = speech.completion(SAID)

    ran = await analyzer(environ(stage, RESUME_CLIENT="GPT4"))

    assert (ran.status, ran.output) == (0, EXPECTED)
    assert ran.errors == "client GPT4, answered by the provider itself\n"
    assert stage.openai.only.body["model"] == "gpt-4o"
    assert stage.vllm.seen == []


async def test_one_line_swaps_the_client(stage: Stage, tmp_path: Path) -> None:
    await stage.start()
    stage.openai.script = speech.completion(SAID)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    source = tmp_path / "examples" / "resume_analyzer" / "baml_src" / "resume.baml"
    source.write_text(source.read_text().replace("client LocalVLLM", "client GPT4"))
    generate(source.parent)

    ran = await analyzer(environ(stage), root=tmp_path)

    assert (ran.output, ran.errors) == (EXPECTED, "client GPT4, answered by the provider itself\n")


async def test_openai_is_asked_with_its_own_key_and_an_answer_that_is_no_resume_is_seen(stage: Stage) -> None:
    """The rehearsal's OpenAI answers with syllables."""
    async with servers.openai(OpenAIBehaviour(key="sk-openai", first_token_seconds=0, token_seconds=0)) as fake:
        await stage.start()
        told = environ(stage, RESUME_CLIENT="GPT4", OPENAI_BASE_URL=str(fake.make_url("/v1")))

        unknown, known = await analyzer({**told, "OPENAI_API_KEY": "sk-other"}), await analyzer(told)

    assert "answered 401: Incorrect API key provided." in unknown.errors
    assert "the model's answer is not a resume" in known.errors


async def test_the_client_of_the_baml_file_needs_no_variable_of_the_other(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script = said()
    told = {name: value for name, value in environ(stage).items() if not name.startswith("OPENAI_")}

    assert (await analyzer(told)).output == EXPECTED


async def test_a_refused_connection_names_the_url_and_the_port_to_check(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/v1"

    ran = await analyzer({"SWITCHYARD_BASE_URL": url, "SWITCHYARD_API_KEY": KEY, "MODEL_NAME": speech.MODEL})

    assert (ran.status, ran.output) == (1, "")
    assert ran.errors == (
        f"resume_analyzer: connection refused: {url}; does anything listen on port {unused_tcp_port} there?\n"
    )


async def test_an_error_of_the_gateway_is_shown_with_its_code(stage: Stage) -> None:
    await stage.start()

    ran = await analyzer(environ(stage, SWITCHYARD_API_KEY="sk-other"))

    assert ran.status == 1
    assert "answered 401: The API key is missing or not known" in ran.errors
    assert "(code invalid_api_key)" in ran.errors


async def test_what_is_not_the_gateway_is_not_quoted(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script = speech.response(500, {"input": "John Doe"})

    ran = await analyzer(environ(stage, SWITCHYARD_BASE_URL=f"{stage.vllm.url}/v1"))

    assert ran.status == 1
    assert "answered 500" in ran.errors and "John" not in ran.errors


async def test_an_answer_that_is_no_resume_is_an_error_without_the_resume_in_it(stage: Stage) -> None:
    await stage.start()
    stage.vllm.script = said("I would rather not.")

    ran = await analyzer(environ(stage))

    assert (ran.status, ran.output) == (1, "")
    assert ran.errors.startswith("resume_analyzer: the model's answer is not a resume")
    assert "John" not in ran.errors


async def test_a_missing_variable_is_named_with_the_client_that_needs_it() -> None:
    ran = await analyzer({"SWITCHYARD_BASE_URL": "http://127.0.0.1:9/v1", "SWITCHYARD_API_KEY": KEY})

    assert ran.status == 1
    assert "LocalVLLM" in ran.errors and "MODEL_NAME" in ran.errors
    assert ran.errors.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file"), (b" \n", "empty"), (b"%PDF\xff", "not UTF-8 text")], ids=str
)
async def test_a_file_that_is_no_text_is_refused_before_anybody_is_asked(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    file = tmp_path / "resume.pdf"
    if content is not None:
        file.write_bytes(content)

    ran = await analyzer({}, file=str(file))

    assert ran.status == 1
    assert str(file) in ran.errors and why in ran.errors


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "127.0.0.1:8080/v1", "http://127.0.0.1:eighty/v1"])
def test_a_base_url_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="with /v1 at its end"):
        settings.read({"SWITCHYARD_BASE_URL": url})


def test_an_unknown_client_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsInvalid, match="'GPT5': expected LocalVLLM or GPT4"):
        settings.read({"RESUME_CLIENT": "GPT5"})


def test_each_client_has_limits_in_time() -> None:
    """BAML's own default is to wait for ever."""
    clients = (ROOT / "examples/resume_analyzer/baml_src/clients.baml").read_text()

    assert (
        clients.count("request_timeout_ms") == clients.count("connect_timeout_ms") == clients.count("client<llm>") == 2
    )
