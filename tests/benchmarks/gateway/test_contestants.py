"""Who may be measured."""

from pathlib import Path

import pytest

from benchmarks.gateway import contestants
from benchmarks.gateway.contestants import STOLEN_VERSIONS, litellm_version
from benchmarks.gateway.errors import BenchmarkFailed
from benchmarks.gateway.processes import Cores

ROOT = Path(__file__).resolve().parents[3]


def test_no_lock_holds_a_release_that_carried_a_credential_stealer() -> None:
    lines = (ROOT / "benchmarks/gateway/litellm.lock").read_text().splitlines()
    pinned = [line for line in lines if line.startswith("litellm==")]
    assert len(pinned) == 1
    assert not [version for version in STOLEN_VERSIONS if pinned[0].startswith(f"litellm=={version} ")]


@pytest.mark.parametrize("version", sorted(STOLEN_VERSIONS))
def test_a_release_that_carried_a_credential_stealer_is_never_started(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"lib/python3.11/site-packages/litellm-{version}.dist-info").mkdir(parents=True)
    monkeypatch.setattr(contestants, "LITELLM_HOME", tmp_path)
    with pytest.raises(BenchmarkFailed, match="credential stealer"):
        litellm_version()


def test_without_litellm_the_message_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contestants, "LITELLM_HOME", tmp_path)
    with pytest.raises(BenchmarkFailed, match="--without-litellm"):
        litellm_version()


def test_the_server_never_shares_its_core_with_the_load_where_there_are_two() -> None:
    assert Cores.of([0]) == Cores(frozenset({0}), frozenset({0}), frozenset({0}))
    assert Cores.of([2, 5]) == Cores(frozenset({2}), frozenset({5}), frozenset({5}))
    assert Cores.of([0, 1, 2, 3]) == Cores(frozenset({0}), frozenset({1}), frozenset({3}))
