"""The ground a rehearsal stands on: the real Pulumi program in moto, and what an account has besides it.

An account also has a certificate, values in its secrets and images in its registry; those come from here.
"""

import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from rehearsal import images
from rehearsal.errors import ProvisioningFailed
from rehearsal.processes import ProcessRegistry, base_environment, stop
from rehearsal.settings import REPOSITORY
from rehearsal.tls import DoorCertificate
from stacks.manifest import ITEM_KEY, Manifest, from_json
from stacks.naming import Names, ledger_table

ENVIRONMENT = "rehearsal"
_PROVISION_SECONDS = 120


@dataclass(frozen=True)
class Account:
    """The rehearsal's own way into its AWS."""

    endpoint_url: str
    region: str

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id="rehearsal",
            aws_secret_access_key="rehearsal",  # noqa: S106
        )


def import_certificate(account: Account, certificate: DoorCertificate) -> str:
    """Put the door's certificate into ACM. Returns its ARN."""
    answer = account.client("acm").import_certificate(
        Certificate=certificate.chain.read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n",
        PrivateKey=certificate.key.read_bytes(),
        CertificateChain=certificate.authority.read_bytes(),
    )
    return str(answer["CertificateArn"])


def overrides(*, certificate_arn: str, openai_base_url: str, internal_address: str) -> dict[str, Any]:
    """What differs from `stacks/settings/Pulumi.rehearsal.yaml` in each run: things that get their address at start."""
    return {
        "certificateArn": certificate_arn,
        "openaiBaseUrl": openai_base_url,
        "dns_names": {Names(ENVIRONMENT).load_balancer("internal"): internal_address},
    }


def provision(account: Account, overrides: dict[str, Any], folder: Path, registry: ProcessRegistry) -> dict[str, Any]:
    """Run the Pulumi program in a fresh process. Returns what it realised.

    Raises ProvisioningFailed with the end of its output.
    """
    config, result, log = folder / "overrides.json", folder / "provision.json", folder / "logs" / "provision.log"
    config.write_text(json.dumps(overrides))
    result.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "rehearsal.provision", "--endpoint", account.endpoint_url]
    child = registry.start(
        [*argv, "--config", str(config), "--result", str(result)],
        environment=base_environment(),
        working_directory=REPOSITORY,
        log=log,
    )
    try:
        code = child.wait(_PROVISION_SECONDS)
    except subprocess.TimeoutExpired:
        raise ProvisioningFailed(f"the Pulumi program did not end within {_PROVISION_SECONDS} s: see {log}") from None
    finally:
        stop(child, patience_seconds=0)
    if code != 0 or not result.exists():
        raise ProvisioningFailed(f"the Pulumi program failed (exit {code}); the end of {log}:\n{_tail(log)}")
    answer: dict[str, Any] = json.loads(result.read_text())
    return answer


def read_manifest(account: Account) -> Manifest:
    """The manifest that the program wrote last."""
    key = {name: {"S": value} for name, value in ITEM_KEY.items()}
    table = ledger_table(ENVIRONMENT)
    item = account.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
    return from_json(item["body"]["S"])


def fill(account: Account, manifest: Manifest) -> dict[str, str]:
    """Put values into the secrets and images into the registry. Returns the API keys by name."""
    keys = {"traffic": f"sk-rehearsal-{secrets.token_hex(16)}", "you": f"sk-rehearsal-{secrets.token_hex(16)}"}
    store = account.client("secretsmanager")
    store.put_secret_value(SecretId=manifest.secrets.api_keys, SecretString=json.dumps(keys))
    store.put_secret_value(
        SecretId=manifest.secrets.smoke_key, SecretString=f"sk-rehearsal-smoke-{secrets.token_hex(16)}"
    )
    if manifest.secrets.openai_key:
        store.put_secret_value(SecretId=manifest.secrets.openai_key, SecretString="sk-rehearsal-openai")
    images.push_all(account.client("ecr"), manifest.repositories)
    return keys


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
