"""`python -m rehearsal.provision --endpoint URL --config overrides.json --result result.json`

The overrides are settings by key (`certificateArn` …) and, beside them, `dns_names`: load balancer name to the
address that stands for it. The result is `{"realised": {type: count}, "accepted_only": [type], "outputs": {…},
"seconds": s}`. Exit codes: 0 provisioned, 1 not, with one sentence and its cause on stderr.
"""

import argparse
import json
import secrets
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from rehearsal.errors import RehearsalError
from rehearsal.provision.clients import Clients
from rehearsal.provision.realisations import REGISTRY
from rehearsal.provision.realiser import Realiser
from stacks.errors import StacksError, UnreadableSettings
from stacks.offline import program
from stacks.offline.settings import PROJECT, merged, secret_keys

ENVIRONMENT = "rehearsal"
_GPU_IMAGE = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    try:
        result = provision(options.endpoint, _overrides(options.config))
    except (RehearsalError, StacksError) as error:
        print(error, file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()
        print("provisioning: the program did not finish; the cause is above", file=sys.stderr)
        return 1
    options.result.write_text(json.dumps(result))
    return 0


def provision(endpoint: str, overrides: dict[str, Any]) -> dict[str, Any]:
    """Run the program against the AWS at `endpoint`. What nobody gave is found or made as an operator would."""
    started = time.monotonic()
    dns_names = overrides.pop("dns_names", {})
    region = merged(ENVIRONMENT, overrides)[f"{PROJECT}:region"]
    aws = Clients(endpoint, region)
    given = {"previewToken": secrets.token_hex(32), **overrides}
    if "gpuAmiId" not in given:
        given["gpuAmiId"] = aws("ssm").get_parameter(Name=_GPU_IMAGE)["Parameter"]["Value"]
    realiser = Realiser(REGISTRY, aws, dns_names)
    outputs = program.run(ENVIRONMENT, merged(ENVIRONMENT, given), secret_keys(), realiser)
    return {
        "realised": dict(sorted(realiser.realised.items())),
        "accepted_only": sorted(realiser.accepted_only),
        "outputs": outputs,
        "seconds": round(time.monotonic() - started, 2),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.provision", description=__doc__)
    parser.add_argument("--endpoint", required=True, help="URL of the rehearsal's AWS")
    parser.add_argument("--config", required=True, type=Path, help="JSON file with settings to override")
    parser.add_argument("--result", required=True, type=Path, help="where the JSON result goes")
    return parser


def _overrides(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise UnreadableSettings(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise UnreadableSettings(f"{file}: expected an object of settings by key, found {type(found).__name__}")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
