"""Connections are renewed, some are used once, and TLS checks the door's name, not the node's address."""

import datetime
import ipaddress
import socket
import ssl
from pathlib import Path

import pytest
from aiohttp import ClientTimeout
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from yarl import URL

from rehearsal.traffic.client import PATIENCE, Client, Target
from rehearsal.traffic.connections import Connections
from rehearsal.traffic.plan import Plan
from rehearsal.traffic.record import Outcome, Record
from tests.rehearsal.traffic.door import answer, open_door, well

REQUESTS = 6


async def _ports(lifetime_seconds: float, fresh_share: float) -> int:
    """How many connections a handful of requests one after the other used."""
    async with open_door(well) as door:
        async with Connections(None, lifetime_seconds, PATIENCE) as connections:
            client = Client(Target(URL(f"http://{door.address}"), "m", "key"), connections, answer)
            for number in range(REQUESTS):
                await _ask(client, Plan("test", (door.address,), 7, 0.5, fresh_share), number)
        return len({port for _headers, port in door.seen})


async def _ask(client: Client, plan: Plan, number: int = 0) -> Record:
    request = plan.request(number)
    return await client.ask(request, Record(request.id, 0.0, request.node, request.streaming))


@pytest.mark.parametrize(
    ("lifetime_seconds", "fresh_share", "connections"), [(60, 0, 1), (60, 1, REQUESTS), (0, 0, REQUESTS)]
)
async def test_connections_are_kept_renewed_or_fresh(
    lifetime_seconds: float, fresh_share: float, connections: int
) -> None:
    assert await _ports(lifetime_seconds, fresh_share) == connections


async def test_a_node_that_drops_packets_costs_the_connect_limit_only() -> None:
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for filler in (first, second):  # A full backlog: the kernel drops what comes after.
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        async with Connections(None, 5, ClientTimeout(total=5, connect=0.1)) as connections:
            client = Client(Target(URL(f"http://{address}"), "m", "key"), connections, answer)
            record = await _ask(client, Plan("test", (address,), 7, 0, 0))
    assert (record.outcome, record.error) == (Outcome.LOST, "client time-out after 0.1 s")


async def test_a_node_is_trusted_under_the_name_of_the_door(tmp_path: Path) -> None:
    certificate = _self_signed(tmp_path, "127.0.0.1")
    async with (
        open_door(well, "127.0.0.2", _server_context(certificate)) as door,
        Connections(ssl.create_default_context(cafile=certificate), 5, PATIENCE) as connections,
    ):
        plan = Plan("test", (door.address,), 7, 0, 0)
        named = Client(Target(URL("https://127.0.0.1:8443"), "m", "key"), connections, answer)
        misnamed = Client(Target(URL("https://127.0.0.2:8443"), "m", "key"), connections, answer)
        assert (await _ask(named, plan)).outcome is Outcome.ANSWERED
        refused = await _ask(misnamed, plan, 1)
    assert refused.outcome is Outcome.LOST
    assert "CERTIFICATE_VERIFY_FAILED" in str(refused.error)


def _server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context


def _self_signed(folder: Path, address: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "door")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(hours=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    path = folder / "door.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    path.with_suffix(".key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
