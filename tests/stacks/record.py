"""Runs the program once for each case, in forks of a process that has loaded the SDK, and writes what it declared.

usage: record.py OUTPUT.json
Stands apart from pytest because a program can run only once in a process.
"""

import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks

import stacks.components.manifest_item  # noqa: F401 - loads the SDK before the forks
from stacks.offline import program
from stacks.offline.outputs import stand_ins
from stacks.offline.settings import merged, secret_keys
from tests.stacks.declared import UNKNOWN
from tests.stacks.examples import ENVIRONMENTS, OWNER

_ACCOUNT = "111122223333"


class Recorder(Mocks):
    """Answers with marked outputs, or, in a preview, with nothing that AWS would have to be asked for."""

    def __init__(self, preview: bool) -> None:
        self.preview = preview
        self.resources: list[dict[str, Any]] = []
        self.options: dict[str, dict[str, Any]] = {}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program calls {args.token}")

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = dict(args.inputs)
        provider = (args.provider or "").split("::")[-2:][0]
        self.resources.append({"type": args.typ, "name": args.name, "inputs": inputs, "provider": provider})
        if self.preview:
            return "", inputs
        service = args.typ.split(":")[1].split("/")[0]
        arn = f"arn:aws:{service}:us-east-1:{_ACCOUNT}:{args.name}"
        arns = {"arn": arn, "arnSuffix": args.name}
        known = {**inputs, **(arns if args.typ.startswith("aws:") else {})}
        return f"{args.name}-id", {**known, **stand_ins(args.typ, args.name, known)}

    def watch(self) -> None:
        """Only a transformation sees the options that the engine acts on."""
        pulumi.runtime.register_stack_transformation(self._see)

    def _see(self, args: pulumi.ResourceTransformationArgs) -> None:
        waits = args.opts.depends_on or []
        found = waits if isinstance(waits, list) else [waits]
        self.options[args.name] = {
            "protect": bool(args.opts.protect),
            "ignore_changes": list(args.opts.ignore_changes or []),
            "depends_on": sorted(resource._name for resource in found if isinstance(resource, pulumi.Resource)),
            "component": type(args.resource).__name__ if isinstance(args.resource, pulumi.ComponentResource) else "",
        }


def record(environment: str, preview: bool) -> dict[str, Any]:
    recorder = Recorder(preview)
    owner = (
        {**OWNER, "collectorImage": "unpinned", "gpuExporterImage": "unpinned"} if environment == "rehearsal" else OWNER
    )
    config = merged(environment, owner)
    outputs = program.run(environment, config, secret_keys(), recorder, preview=preview, before=recorder.watch)
    return {"resources": recorder.resources, "options": recorder.options, "outputs": outputs}


def main(output: Path) -> None:
    cases = {**{environment: (environment, False) for environment in ENVIRONMENTS}, "preview": ("staging", True)}
    with tempfile.TemporaryDirectory() as folder:
        found = {
            case: _forked(Path(folder) / case, *how) for case, how in {**cases, "preview": ("staging", True)}.items()
        }
    output.write_text(json.dumps(found))


def _forked(file: Path, environment: str, preview: bool) -> Any:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            file.write_text(json.dumps(record(environment, preview), default=_unknown))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit(f"the program failed for {file.name}")
    return json.loads(file.read_text())


def _unknown(value: Any) -> str:
    """What a preview does not know yet."""
    if isinstance(value, pulumi.output.Unknown):
        return UNKNOWN
    raise TypeError(f"{value!r} is not JSON")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
