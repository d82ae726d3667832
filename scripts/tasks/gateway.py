"""The gateway alone, without AWS: in front of any server that speaks OpenAI's API."""

import os
from typing import TYPE_CHECKING

from scripts.command import Report, Run, command
from scripts.errors import WrongUsage

if TYPE_CHECKING:
    from scripts.gateway.order import Order


@command(
    group="gateway",
    help={
        "url": "the server to put it in front of, http://HOST:PORT (default: $VLLM_URL)",
        "model": "the name that clients use, which the server must know (default: $MODEL_NAME, else what it serves)",
        "port": "where clients ask (default 8080)",
        "metrics_port": "where Prometheus asks (default 9090)",
        "bind": "the address to listen on (default 127.0.0.1: this machine only)",
        "key_name": "whose key the new one is, in the log (default local); $SWITCHYARD_API_KEYS brings keys instead",
    },
)
def run(
    run: Run,
    url: str | None = None,
    model: str | None = None,
    port: int = 8080,
    metrics_port: int = 9090,
    bind: str = "127.0.0.1",
    key_name: str | None = None,
) -> Report:
    """Start the gateway on this machine, and leave it running until Ctrl-C."""
    from scripts.gateway import order, upstream
    from scripts.gateway.process import require_free

    place = order.place(bind, port, metrics_port)
    server, asked = order.upstream_url(url, os.environ), order.asked_model(model, os.environ)
    new_key = _new_key(run, key_name)
    require_free(place)
    server_key = os.environ.get(upstream.KEY_VARIABLE)
    offered = upstream.model(server, asked, lambda where: upstream.served(where, server_key), run.console.warn)
    if not place.is_private:
        run.console.warn(
            f"--bind {bind}: other machines reach it without TLS, so keys and prompts can be read on the way"
        )
    return _held(run, order.Order(server, offered, place, key_name or order.DEFAULT_KEY_NAME, new_key))


def _new_key(run: Run, key_name: str | None) -> str | None:
    """None where the environment brings keys."""
    from scripts.gateway.order import KEYS_VARIABLE
    from scripts.keys import client_key

    if os.environ.get(KEYS_VARIABLE):
        if key_name is not None:
            raise WrongUsage(f"--key-name {key_name}: no key is made, because {KEYS_VARIABLE} is set")
        return None
    if run.json:
        raise WrongUsage(f'--json speaks at the end, too late for a new key: set {KEYS_VARIABLE} to {{"NAME": "KEY"}}')
    return client_key.fresh()


def _held(run: Run, wanted: "Order") -> Report:
    """Returns when it has ended in order."""
    from scripts.gateway import invitation, process
    from scripts.gateway.order import STOP_SECONDS, told

    with process.started(told(wanted, os.environ)) as gateway:
        try:
            gateway.await_ready(wanted.place.url)
            if not run.json:
                run.console.text(invitation.text(wanted))
            gateway.wait()
        except KeyboardInterrupt:
            run.console.line(f"stopping: what is in flight has {STOP_SECONDS:g} s; Ctrl-C again ends it now")
            gateway.stop(STOP_SECONDS)
    return Report(message="stopped, nothing is left running", more={"url": wanted.place.url, "model": wanted.model})
