import pytest


# Before xdist's own hook, which reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file stay in one worker; those of the program too, because running it costs seconds."""
    for item in items:
        place = item.nodeid.partition("::")[0]
        group = "stacks" if place.startswith("tests/stacks/") else place
        item.add_marker(pytest.mark.xdist_group(group))
