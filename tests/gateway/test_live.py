"""Whether this release is live, as the release engine's own book says it."""

import pytest
from gateway.live import Live, live_release
from gateway.tables.errors import TableFailed

from scripts.release import book as books
from scripts.release.book import Book
from scripts.release.model import Placement
from stacks.naming import Colour
from tests.gateway.tables.unreliable import UnreliableTable

AT = "2026-11-25T12:00:00+00:00"


def starting(release: str, colour: Colour, before: Book = Book()) -> Book:  # noqa: B008 - immutable
    return books.starting(before, Placement(release, colour, colour), AT)


def first_switch() -> Book:
    return books.switched(starting("r-1", Colour.GREEN), AT)


class World:
    def __init__(self) -> None:
        self.table = UnreliableTable()
        self.live = Live(self.table, "r-1")

    async def poll_with(self, book: Book) -> bool:
        await self.table.put([{"pk": "control", "sk": "current", "fence": 3, "book": books.to_json(book)}])
        await self.live.poll()
        return self.live.is_live


async def test_a_gateway_without_a_ledger_is_live() -> None:
    alone = Live(None, "local")
    await alone.poll()
    assert alone.is_live


async def test_before_the_first_reading_and_before_the_first_switch_nobody_is_live() -> None:
    world = World()
    assert not world.live.is_live
    await world.live.poll()
    assert not world.live.is_live
    assert not await world.poll_with(Book())


async def test_a_release_is_live_from_its_switch_until_the_next_and_again_after_a_rollback() -> None:
    world = World()
    assert not await world.poll_with(starting("r-1", Colour.GREEN))
    assert await world.poll_with(first_switch())
    second = starting("r-2", Colour.BLUE, first_switch())
    assert await world.poll_with(second)
    assert not await world.poll_with(books.switched(second, AT))
    assert await world.poll_with(books.rolled_back(books.switched(second, AT), AT))


async def test_what_cannot_be_read_leaves_the_last_answer() -> None:
    world = World()
    assert await world.poll_with(first_switch())
    world.table.broken = True
    with pytest.raises(TableFailed):
        await world.live.poll()
    assert world.live.is_live


async def test_a_book_that_is_none_leaves_the_last_answer() -> None:
    world = World()
    assert await world.poll_with(first_switch())
    await world.table.put([{"pk": "control", "sk": "current", "book": '{"live": {"placement": 3}}'}])
    with pytest.raises(Exception, match="Expected"):
        await world.live.poll()
    assert world.live.is_live


def test_what_later_releases_add_to_the_book_is_left_alone() -> None:
    assert live_release('{"schema": 9, "live": {"placement": {"release": "r-1", "zone": "a"}, "by": "magic"}}') == "r-1"
