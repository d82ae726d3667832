"""The generator's command line and its one variable, read once. Owns every check on them."""

import argparse
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yarl import URL

from rehearsal.traffic.errors import BadSettings

KEY_VARIABLE = "SWITCHYARD_API_KEY"


@dataclass(frozen=True)
class TrafficSettings:
    """`tls` is None for a plain http URL."""

    url: URL
    nodes: tuple[str, ...]
    tls: ssl.SSLContext | None
    rate_per_second: float
    stream_share: float
    fresh_share: float
    connection_lifetime_seconds: float
    model: str
    out: Path
    api_key: str


def read(arguments: Sequence[str], environment: Mapping[str, str]) -> TrafficSettings:
    """Settings from the command line. Raises BadSettings when they cannot be used."""
    given = _parser().parse_args(arguments)
    url = URL(given.url)
    if url.scheme not in ("http", "https") or url.host is None:
        raise BadSettings(f"--url {given.url!r}: expected http://HOST:PORT or https://HOST:PORT")
    if given.rate <= 0:
        raise BadSettings(f"--rate {given.rate:g}: expected a number of requests a second above 0")
    api_key = environment.get(KEY_VARIABLE, "")
    if not api_key:
        raise BadSettings(f"{KEY_VARIABLE} is not set: put the API key in it, never on the command line")
    return TrafficSettings(
        url=url,
        nodes=tuple(given.node) or (url.authority,),
        tls=_tls(url, given.ca_file),
        rate_per_second=given.rate,
        stream_share=_share("--stream-share", given.stream_share),
        fresh_share=_share("--fresh-share", given.fresh_share),
        connection_lifetime_seconds=given.connection_lifetime,
        model=given.model,
        out=given.out,
        api_key=api_key,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m rehearsal.traffic", description=f"The API key is read from {KEY_VARIABLE}."
    )
    parser.add_argument("--url", required=True, help="the door as clients know it")
    parser.add_argument("--node", action="append", default=[], help="HOST:PORT behind that name; may be given again")
    parser.add_argument("--ca-file", type=Path, help="the authority that signed the door's certificate")
    parser.add_argument("--rate", type=float, default=7.0, help="requests a second")
    parser.add_argument("--stream-share", type=float, default=0.5, help="share of streaming requests, 0 to 1")
    parser.add_argument("--fresh-share", type=float, default=0.3, help="share on a new connection of their own, 0 to 1")
    parser.add_argument("--connection-lifetime", type=float, default=5.0, help="seconds until the pool is renewed")
    parser.add_argument("--model", required=True, help="the model's name as clients know it")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines are appended to this file")
    return parser


def _share(name: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise BadSettings(f"{name} {value:g}: expected a share from 0 to 1")
    return value


def _tls(url: URL, ca_file: Path | None) -> ssl.SSLContext | None:
    if url.scheme == "http":
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise BadSettings(f"--ca-file {ca_file}: {error}") from error
