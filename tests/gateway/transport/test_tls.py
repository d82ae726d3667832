"""https: the name is checked, the limits are those of any connection, and connections are kept."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from gateway.errors import ConnectFailed, ConnectionLost, ConnectTimedOut
from gateway.upstream.connecting import default_context

from tests.gateway.transport.peer import (
    OK,
    SOON_SECONDS,
    Visit,
    answering,
    ask,
    body_of,
    listening,
    open_files,
    silent,
    soon,
    transport,
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate, with its key, of an authority that is its own server on 127.0.0.1 and openai.test."""
    return _certificate(tmp_path_factory.mktemp("tls") / "server.pem")


async def test_an_upstream_with_a_known_authority_is_asked_and_its_connection_kept(authority: Path) -> None:
    async with listening(answering(OK), tls=_server(authority)) as peer, transport(tls=_client(authority)) as client:
        assert [await ask(client, peer), await ask(client, peer)] == [b"ok", b"ok"]
        (visit,) = peer.visits
        assert visit.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"


async def test_a_large_body_and_a_large_answer_pass(authority: Path) -> None:
    size = 3 << 20
    wire = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size + bytes(size)
    async with listening(answering(wire), tls=_server(authority)) as peer, transport(tls=_client(authority)) as client:
        for _ in range(2):
            assert len(await body_of(await client.post(peer.url, {}, bytes(size)))) == size
        assert len(peer.visits) == 1


async def test_an_unknown_authority_is_a_failure_to_connect(authority: Path) -> None:
    async with listening(answering(OK), tls=_server(authority)) as peer, transport() as client:
        with pytest.raises(ConnectFailed):
            await ask(client, peer)


async def test_another_name_is_a_failure_to_connect(authority: Path) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with (
        listening(answering(OK), tls=_server(authority)) as peer,
        transport(tls=_client(authority), resolve=resolve) as client,
    ):
        known = await client.post(f"https://openai.test:{peer.port}/", {}, b"")
        assert await body_of(known) == b"ok"
        with pytest.raises(ConnectFailed):
            await client.post(f"https://other.test:{peer.port}/", {}, b"")


async def test_a_handshake_that_does_not_end_costs_the_limit(authority: Path) -> None:
    async with listening(silent) as peer, transport(connect_seconds=0.1, tls=_client(authority)) as client:
        files = open_files()
        async with asyncio.timeout(SOON_SECONDS):
            with pytest.raises(ConnectTimedOut):
                await client.post(peer.url.replace("http:", "https:"), {}, b"")
        await soon(lambda: open_files() <= files)


async def test_a_server_without_tls_is_a_failure_to_connect(authority: Path) -> None:
    async def handler(visit: Visit) -> None:
        await visit.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await visit.left()

    async with listening(handler) as peer, transport(tls=_client(authority)) as client:
        with pytest.raises(ConnectFailed):
            await client.post(peer.url.replace("http:", "https:"), {}, b"")


async def test_an_answer_that_is_cut_is_never_whole(authority: Path) -> None:
    wire = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"
    handler = answering(wire, then_close=True)
    async with listening(handler, tls=_server(authority)) as peer, transport(tls=_client(authority)) as client:
        reply = await client.post(peer.url, {}, b"{}")
        assert await reply.read() == b"ok"
        with pytest.raises(ConnectionLost):
            await reply.read()


async def test_an_answer_that_is_dropped_closes_its_connection_at_once(authority: Path) -> None:
    async def handler(visit: Visit) -> None:
        await visit.request()
        await visit.say(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")
        await visit.left()

    async with listening(handler, tls=_server(authority)) as peer, transport(tls=_client(authority)) as client:
        (await client.post(peer.url, {}, b"{}")).abort()
        assert await peer.was_left()


def test_by_default_what_the_system_trusts_is_checked() -> None:
    context = default_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def _server(authority: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def _client(authority: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority))
    context.set_alpn_protocols(["http/1.1"])
    return context


def _certificate(path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "switchyard tests")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("openai.test"), x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(encoding))
    return path
