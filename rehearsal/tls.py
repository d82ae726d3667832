"""The rehearsal's own certificate authority and the certificate of its door. Keys never leave the folder."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = timedelta(days=7)
# ACM.2 of the AWS Foundational Security Best Practices asks for 2048 bits or more.
_KEY_BITS = 2048
_UNUSED_KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class DoorCertificate:
    """Files of the door's certificate: the authority that clients trust, the chain and the key."""

    authority: Path
    chain: Path
    key: Path


def make(folder: Path, addresses: list[str]) -> DoorCertificate:
    """Make an authority and a certificate for these addresses and `localhost`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = DoorCertificate(folder / "ca.pem", folder / "door.pem", folder / "door.key")
    authority_key, door_key = _key(), _key()
    authority = _certificate("Switchyard rehearsal authority", authority_key, None, None, [])
    door = _certificate("localhost", door_key, authority, authority_key, addresses)
    files.authority.write_bytes(_pem(authority))
    files.chain.write_bytes(_pem(door) + _pem(authority))
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        door_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


def _certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: rsa.RSAPrivateKey | None,
    addresses: list[str],
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    builder = _for_server(builder, issuer_key.public_key(), addresses) if issuer_key else _for_authority(builder)
    return builder.sign(issuer_key or key, hashes.SHA256())


def _for_authority(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    usage = dict.fromkeys(_UNUSED_KEY_USAGES, False)
    return builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)


def _for_server(
    builder: x509.CertificateBuilder, issuer: rsa.RSAPublicKey, addresses: list[str]
) -> x509.CertificateBuilder:
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses)]
    return (
        builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
    )


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
