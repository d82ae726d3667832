"""What `rehearsal.up` tells a person: where the door is, and commands to paste. Pure."""

from pathlib import Path

from rehearsal.connection import Connection
from rehearsal.images import image

MODEL = "resume-model"
FIRST_REVISION, SECOND_REVISION = "2026-10", "2026-11"
MODELS = tuple(f"{MODEL}@{revision}" for revision in (FIRST_REVISION, SECOND_REVISION))
PROFILE = "resume-analysis"


def first_release() -> list[str]:
    """Arguments of the first `deploy-green` on an empty environment."""
    return [
        "deploy-green",
        "--api-image",
        image("api-1").digest,
        "--vllm-image",
        image("vllm-1").digest,
        "--model",
        f"{MODEL}@{FIRST_REVISION}",
        "--profile",
        PROFILE,
        "--reason",
        "the first release",
    ]


def new_model(revision: str = SECOND_REVISION) -> list[str]:
    return ["deploy-green", "--model", f"{MODEL}@{revision}", "--reason", "a new model"]


def new_api(tag: str = "api-2") -> list[str]:
    return ["deploy-green", "--api-image", image(tag).digest, "--reason", "an API change"]


def broken_candidate() -> list[str]:
    return ["deploy-green", "--vllm-image", image("vllm-crashes").digest, "--reason", "an image that crashes"]


def text(connection: Connection, key_file: Path) -> str:
    """The page that `rehearsal.up` prints when it is ready."""
    releases = [first_release(), new_model(), new_api(), broken_candidate()]
    lines = ["", f"The door is {connection.public_url}. In another terminal:", ""]
    lines += [f"  {_line(arguments)}" for arguments in releases[:1]]
    lines += [f"  fab {task} --env rehearsal" for task in ("smoke", "switchover", "status")]
    lines += ["", "Ask it something:", "", _curl(connection, key_file), "", "Then release something else:", ""]
    lines += [f"  {_line(arguments)}" for arguments in releases[1:]]
    lines += [f"  fab {task} --env rehearsal" for task in ("rollback", "settle", "history")]
    lines += ["", "Break something: `fab rehearsal.fault host-lost`, `fab rehearsal.faults` lists the rest.", ""]
    return "\n".join(lines)


def _line(arguments: list[str]) -> str:
    quoted = [f"'{word}'" if " " in word else word for word in arguments]
    return " ".join(["fab", quoted[0], "--env rehearsal", *quoted[1:]])


def _curl(connection: Connection, key_file: Path) -> str:
    body = f'{{"model": "{MODEL}", "messages": [{{"role": "user", "content": "Who are you?"}}]}}'
    return (
        f'  curl --cacert {connection.ca_file} -H "Authorization: Bearer $(cat {key_file})" \\\n'
        f"    -H 'Content-Type: application/json' -d '{body}' \\\n"
        f"    {connection.public_url}/v1/chat/completions"
    )
