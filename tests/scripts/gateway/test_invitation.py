"""What a person reads when the gateway answers."""

import json
import shlex
import subprocess

from scripts.gateway import invitation
from scripts.gateway.order import Order, Place

PLACE = Place("127.0.0.1", 8080, 9090)
NEW = Order("http://gpu:8000", "owner/it's tiny", PLACE, new_key="sk-sy-1")


def test_a_new_key_is_printed_once() -> None:
    assert invitation.text(NEW).count("sk-sy-1") == 1


def test_keys_of_the_environment_are_not_printed_but_pointed_at() -> None:
    assert "one of those in SWITCHYARD_API_KEYS" in invitation.text(Order("http://gpu:8000", "m", PLACE))


def test_what_is_printed_can_be_pasted_whatever_the_model_is_called() -> None:
    lines = invitation.text(NEW).replace("\\\n", "").splitlines()
    exports = "\n".join(line for line in lines if line.startswith("  export"))
    shown = subprocess.run(["sh", "-c", f'{exports}\necho "$MODEL_NAME"'], capture_output=True, text=True, check=True)
    assert shown.stdout == "owner/it's tiny\n"
    (curl,) = [shlex.split(line) for line in lines if line.startswith("  curl")]
    assert json.loads(curl[curl.index("-d") + 1])["model"] == "owner/it's tiny"
