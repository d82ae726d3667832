"""What cannot be used is refused before the first request, in one sentence."""

from pathlib import Path

import pytest

from rehearsal.traffic.errors import BadSettings
from rehearsal.traffic.settings import KEY_VARIABLE, read

GOOD = ["--url", "http://127.0.0.1:8080", "--model", "kestrel", "--out", "t.jsonl"]
KEY = {KEY_VARIABLE: "secret-key"}


def test_the_nodes_default_to_the_door() -> None:
    assert read(GOOD, KEY).nodes == ("127.0.0.1:8080",)
    assert read([*GOOD, "--node", "a:1", "--node", "b:2"], KEY).nodes == ("a:1", "b:2")


def test_the_key_comes_from_the_environment_only() -> None:
    assert read(GOOD, KEY).api_key == "secret-key"
    with pytest.raises(BadSettings, match=f"{KEY_VARIABLE} is not set"):
        read(GOOD, {})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", "127.0.0.1:8080"], "--url '127.0.0.1:8080': expected"),
        (["--rate", "0"], "--rate 0: expected"),
        (["--stream-share", "1.5"], "--stream-share 1.5: expected"),
        (["--fresh-share", "-0.1"], "--fresh-share -0.1: expected"),
        (["--url", "https://127.0.0.1:1", "--ca-file", "/nowhere.pem"], "--ca-file /nowhere.pem"),
    ],
)
def test_an_unusable_argument_is_refused_with_its_value(arguments: list[str], said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        read([*GOOD, *arguments], KEY)


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(BadSettings, match=r"ca\.pem"):
        read([*GOOD, "--url", "https://127.0.0.1:1", "--ca-file", str(tmp_path / "ca.pem")], KEY)
