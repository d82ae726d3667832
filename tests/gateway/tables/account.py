"""DynamoDB for tests: moto in this process, and an endpoint that answers by a script."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore import session
from gateway.tables.client import DynamoClient
from gateway.tables.dynamo import DynamoTable
from moto import mock_aws

from tests import sdk

REGION = "us-east-1"
TABLE = "switchyard-test-usage"


@contextmanager
def moto_table(name: str = TABLE) -> Iterator[DynamoTable]:
    """A table of an empty account, whose credentials come from the environment as a task's do."""
    with credentials(), mock_aws():
        make_table(name)
        table = DynamoTable(DynamoClient(REGION), name)
        try:
            yield table
        finally:
            table.close()


@contextmanager
def credentials(**more: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as shell:
        for variable, value in {"AWS_ACCESS_KEY_ID": "task", "AWS_SECRET_ACCESS_KEY": "rehearsal", **more}.items():
            shell.setenv(variable, value)
        # The gateway makes its own session, which would read them from disk again: that is most of what it costs.
        shell.setattr(session, "create_loader", lambda _: sdk.DESCRIPTIONS)
        yield


def make_table(name: str) -> None:
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    sdk.session("deployer").create_client("dynamodb", region_name=REGION).create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )


@dataclass
class Endpoint:
    """Gives one answer of `answers` a call, the last one for ever: (status, body), or None to say nothing."""

    answers: list[tuple[int, dict[str, Any]] | None]
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def next(self) -> tuple[int, dict[str, Any]] | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def scripted(*answers: tuple[int, dict[str, Any]] | None) -> Iterator[Endpoint]:
    endpoint = Endpoint(list(answers))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(endpoint))
    endpoint.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with credentials(AWS_ENDPOINT_URL=f"http://127.0.0.1:{endpoint.port}"):
            yield endpoint
    finally:
        endpoint.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """One on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _handler(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            endpoint.asked.append((self.headers["x-amz-target"].partition(".")[2], json.loads(body)))
            answer = endpoint.next()
            if answer is None:
                endpoint.let_go.wait(10)
                self.close_connection = True
                return
            status, said = answer
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
