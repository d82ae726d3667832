"""A release reads what the one before it wrote, and what the next one will write."""

from gateway.tables.attributes import read, written


def test_a_set_of_texts_reads_as_a_list() -> None:
    assert read({"models": {"SS": ["b", "a"]}}) == {"models": ["a", "b"]}


def test_an_attribute_of_an_unknown_type_is_left_out() -> None:
    assert read({"pk": {"S": "a"}, "later": {"M": {}}, "flag": {"BOOL": True}}) == {"pk": "a"}


def test_nothing_reads_as_none() -> None:
    assert read({"revoked_at": {"NULL": True}}) == {"revoked_at": None}


def test_a_whole_number_stays_whole_and_another_does_not() -> None:
    assert read({"a": {"N": "12345678901234567890"}, "b": {"N": "0.5"}}) == {"a": 12345678901234567890, "b": 0.5}
    assert written({"a": 3, "b": 0.5}) == {"a": {"N": "3"}, "b": {"N": "0.5"}}
