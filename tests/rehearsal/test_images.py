import json

from rehearsal.images import CATALOGUE, GOOD, behaviour_of, image


def test_every_image_has_a_digest_of_its_own() -> None:
    assert len({entry.digest for entry in CATALOGUE}) == len(CATALOGUE)


def test_the_digest_selects_the_behaviour() -> None:
    crashing = image("vllm-crashes")
    assert behaviour_of(f"registry/vllm@{crashing.digest}").environment == {"FAKE_VLLM": "crash=1"}
    assert behaviour_of("registry/vllm@sha256:unknown") == GOOD


def test_the_manifest_is_an_index_that_states_the_architecture() -> None:
    (entry,) = json.loads(image("api-arm64").manifest)["manifests"]
    assert entry["platform"] == {"architecture": "arm64", "os": "linux"}
