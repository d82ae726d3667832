"""The manifest: what Pulumi writes is what the tasks read, across one release of the kit."""

import json

import pytest

from stacks.errors import ManifestError
from stacks.manifest import SCHEMA_VERSION, from_json, to_json
from stacks.naming import Colour, Part
from tests.stacks.declared import Program


def test_what_the_program_writes_is_read_back_whole(program: Program) -> None:
    body = program.outputs["manifest"]
    assert to_json(from_json(body)) == body


def test_every_part_and_colour_has_its_own_slot(production: Program) -> None:
    manifest = from_json(production.outputs["manifest"])
    slots = [manifest.slot(part, colour) for part in Part for colour in Colour]
    assert len({slot.service for slot in slots}) == len({slot.target_group_arn for slot in slots}) == 4
    assert manifest.slot(Part.VLLM, Colour.GREEN).service == "production-vllm-green"
    assert manifest.slot(Part.API, Colour.BLUE).template_family == "production-api-template"
    assert (manifest.api.blue.minimum_count, manifest.api.blue.maximum_count) == (3, 5)


def test_the_manifest_names_the_resources_that_were_declared(production: Program) -> None:
    manifest = from_json(production.outputs["manifest"])
    assert manifest.door.traffic_rule_arn.endswith(":ingress-traffic")
    assert manifest.door.preview_rule_arns[Colour.GREEN].endswith(":ingress-preview-green")
    assert manifest.vllm.green.target_group_arn.endswith(":internal-vllm-green")
    assert manifest.vllm_urls[Colour.GREEN].endswith(":8002")
    assert manifest.door.url == "https://llm.example.com"
    assert (manifest.account_id, manifest.capacity.vcpus_per_host) == ("111122223333", 4)


def test_the_manifest_holds_no_secret(program: Program) -> None:
    assert "0123456789abcdef0123456789abcdef" not in program.outputs["manifest"]


def test_the_manifest_is_one_item_that_is_written_last(program: Program) -> None:
    assert program.aws[-1].name == "manifest-current"
    item = json.loads(program.aws[-1].inputs["item"])
    assert (item["pk"], item["sk"]) == ({"S": "manifest"}, {"S": "current"})
    assert item["body"]["S"] == program.outputs["manifest"]


def test_a_field_with_a_default_may_be_missing_so_that_the_release_before_can_be_read(production: Program) -> None:
    body = json.loads(production.outputs["manifest"])
    assert from_json(json.dumps({**body, "a_field_of_the_next_release": 1})) == from_json(json.dumps(body))


def test_a_missing_field_is_named_with_its_path(production: Program) -> None:
    body = json.loads(production.outputs["manifest"])
    del body["door"]["traffic_rule_arn"]
    with pytest.raises(ManifestError, match=r"manifest\.door\.traffic_rule_arn is missing: run `pulumi up`"):
        from_json(json.dumps(body))


def test_a_manifest_of_a_newer_kit_is_refused(production: Program) -> None:
    body = json.loads(production.outputs["manifest"])
    with pytest.raises(ManifestError, match="schema version"):
        from_json(json.dumps({**body, "schema_version": SCHEMA_VERSION + 1}))


@pytest.mark.parametrize("body", ["", "[]", '"text"'])
def test_what_is_no_manifest_is_refused(body: str) -> None:
    with pytest.raises(ManifestError):
        from_json(body)
