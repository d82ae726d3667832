"""AWS in this process (moto behind a loopback port), and the program realised in it once for all tests."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.server import ThreadedMotoServer

from tests.children import MEASURED

ROOT = Path(__file__).resolve().parent.parent.parent.parent
INTERNAL_ADDRESS = "127.42.1.1"


@dataclass(frozen=True)
class Ground:
    """What provisioning left behind: its result, and a way to ask the AWS it worked on."""

    result: dict[str, Any]
    client: Callable[[str], Any]

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.result["outputs"]["manifest"])
        return found


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(scope="session")
def client(endpoint: str) -> Callable[[str], Any]:
    session = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    made: dict[str, Any] = {}

    def one(service: str) -> Any:
        if service not in made:
            made[service] = session.client(service, endpoint_url=endpoint)
        return made[service]

    return one


@pytest.fixture(scope="session")
def ground(endpoint: str, client: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """moto itself has no capacity reservations, so none is declared here; `test_hosts.py` has the realisation."""
    overrides = {
        "certificateArn": _certificate(client("acm")),
        "openaiBaseUrl": "http://127.0.0.1:1/v1",
        "reservedHosts": 0,
        # The rehearsal's own settings have none; the realisation of this kind is proved here.
        "interfaceEndpoints": ["ecr.api", "logs"],
        "dns_names": {"rehearsal-internal": INTERNAL_ADDRESS},
    }
    ran, result = provision(endpoint, overrides, tmp_path_factory.mktemp("provision"))
    assert ran.returncode == 0, ran.stderr
    return Ground(json.loads(result.read_text()), client)


def provision(
    endpoint: str, overrides: dict[str, Any], folder: Path
) -> tuple["subprocess.CompletedProcess[str]", Path]:
    """Run the command as the rehearsal does."""
    config, result = folder / "overrides.json", folder / "result.json"
    config.write_text(json.dumps(overrides))
    argv = [sys.executable, "-m", "rehearsal.provision", "--endpoint", endpoint]
    ran = subprocess.run(
        [*argv, "--config", str(config), "--result", str(result)],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **MEASURED},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran, result


def _certificate(acm: Any) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return str(acm.import_certificate(Certificate=signed.public_bytes(pem), PrivateKey=private)["CertificateArn"])
