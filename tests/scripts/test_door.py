"""The door: each address by its own connection, TLS checked against the name that clients use."""

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scripts.door import HttpsDoor, resolver
from scripts.release.ports import Asked, DoorClosed


class Echo(BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("X-Switchyard-Colour", "green")
        self.send_header("X-Host", self.headers["host"])
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed, for `llm.example` only; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "llm.example")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("llm.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.3"))]
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(key_usage(), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return file


def key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


@pytest.fixture
def address(certificate: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


ASKED = Asked("POST", "/v1/chat/completions", {"authorization": "Bearer k"}, b"hello")


@pytest.mark.parametrize("name", ["llm.example", "127.0.0.3"])
def test_an_address_is_asked_under_the_name_that_clients_use(address: str, certificate: Path, name: str) -> None:
    door = HttpsDoor(f"https://{name}", lambda: (address,), str(certificate))
    (found,) = door.addresses()
    answer = door.ask(found, ASKED, 5)
    assert (answer.status, answer.body) == (200, b"hello")
    assert (answer.headers["x-switchyard-colour"], answer.headers["x-host"]) == ("green", name)


def test_a_certificate_for_another_name_is_no_answer(address: str, certificate: Path) -> None:
    door = HttpsDoor("https://other.example", lambda: (address,), str(certificate))
    with pytest.raises(DoorClosed, match=r"other\.example"):
        door.ask(address, ASKED, 5)


def test_nobody_listening_is_no_answer(certificate: Path) -> None:
    door = HttpsDoor("https://llm.example", lambda: (), str(certificate))
    with pytest.raises(DoorClosed):
        door.ask("127.0.0.1:9", ASKED, 1)


def test_a_name_resolves_to_every_address() -> None:
    assert resolver("localhost", 8443)() == ("127.0.0.1:8443",)
