"""Stands where the engine's providers stand, and writes down what the program declares. Nothing is realised.

An output that only AWS could give is a stand-in; in a preview there are none, so what depends on one is unknown.
"""

from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, rpc

from stacks.errors import AsksProvider
from stacks.offline import program
from stacks.offline.declaration import SECRET, UNKNOWN
from stacks.offline.outputs import stand_ins
from stacks.offline.settings import PROJECT, secret_keys

# AWS's own example account.
ACCOUNT = "111122223333"
# What must not be empty because the program takes its first, and what must differ to show who waits for whom.
_ANSWERS: dict[str, dict[str, Any]] = {
    "aws:acm/certificateValidation:CertificateValidation": {
        "certificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/issued"
    },
    "aws:acm/certificate:Certificate": {
        "domainValidationOptions": [
            {
                "domainName": "llm.example.com",
                "resourceRecordName": "_proof.llm.example.com.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": "_value.acm-validations.aws.",
            }
        ]
    },
}


class Recorder(Mocks):
    """One run. `keep_secrets` leaves them in the SDK's wrapping, for a test that they are wrapped at all."""

    def __init__(self, region: str, *, preview: bool = False, keep_secrets: bool = False) -> None:
        self._region, self._preview, self._keep_secrets = region, preview, keep_secrets
        self._resources: list[dict[str, Any]] = []
        self._options: dict[str, dict[str, Any]] = {}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AsksProvider(
            f"the program calls {args.token}: give it the answer as a setting, because a stack must not ask"
        )

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = dict(args.inputs)
        provider = (args.provider or "").split("::")[-2:][0]
        written = plain(inputs, self._keep_secrets)
        self._resources.append({"type": args.typ, "name": args.name, "inputs": written, "provider": provider})
        return ("", inputs) if self._preview else (f"{args.name}-id", self._answered(args, inputs))

    def watch(self) -> None:
        """Only a transformation sees the options that the engine acts on."""
        pulumi.runtime.register_stack_transformation(self._see)

    def resources(self) -> list[dict[str, Any]]:
        """Everything registered so far, each with its options."""
        return [{**found, **self._options.get(found["name"], {})} for found in self._resources]

    def _answered(self, args: MockResourceArgs, inputs: dict[str, Any]) -> dict[str, Any]:
        service = args.typ.split(":")[1].split("/")[0]
        arn = f"arn:aws:{service}:{self._region}:{ACCOUNT}:{args.name}"
        arns = {"arn": arn, "arnSuffix": args.name}
        known = {**(arns if args.typ.startswith("aws:") else {}), **inputs, **_ANSWERS.get(args.typ, {})}
        return {**known, **stand_ins(args.typ, args.name, known)}

    def _see(self, args: pulumi.ResourceTransformationArgs) -> None:
        waits = args.opts.depends_on or []
        found = waits if isinstance(waits, list) else [waits]
        self._options[args.name] = {
            "protect": bool(args.opts.protect),
            "ignore_changes": list(args.opts.ignore_changes or []),
            "depends_on": sorted(one._name for one in found if isinstance(one, pulumi.Resource)),
        }


def record(
    environment: str, config: dict[str, str], *, preview: bool = False, keep_secrets: bool = False
) -> dict[str, Any]:
    """Run the program, once in this process, and say what it declared, as `declaration.Program` reads it."""
    recorder = Recorder(config[f"{PROJECT}:region"], preview=preview, keep_secrets=keep_secrets)
    outputs = program.run(environment, config, secret_keys(), recorder, preview=preview, before=recorder.watch)
    return {"environment": environment, "resources": recorder.resources(), "outputs": outputs}


def plain(value: Any, keep_secrets: bool = False) -> Any:
    """What JSON takes: secrets and unknown values by their signs."""
    if isinstance(value, pulumi.output.Unknown):
        return UNKNOWN
    if not keep_secrets and rpc.is_rpc_secret(value):
        return SECRET
    if isinstance(value, dict):
        return {key: plain(inner, keep_secrets) for key, inner in value.items()}
    return [plain(inner, keep_secrets) for inner in value] if isinstance(value, list) else value
