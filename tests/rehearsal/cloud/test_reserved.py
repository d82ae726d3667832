"""The rehearsal's sale of Reserved Instances, read through the kit's own adapter."""

import pytest
from botocore.exceptions import ClientError

from rehearsal.cloud.reserved import ReservationShop
from rehearsal.cloud.server import Cloud
from scripts.aws.clients import Clients
from scripts.aws.reserved import Ec2Market
from scripts.aws.terms import YEAR_SECONDS, OfferingClass, Payment
from scripts.capacity.break_even import Comparison
from tests import sdk

ON_DEMAND = 1.006


@pytest.fixture
def clients(cloud: Cloud) -> Clients:
    shop = ReservationShop()
    shop.on_demand_usd = ON_DEMAND
    shop.install()
    return Clients(sdk.session("owner"), "us-east-1", cloud.endpoint_url)


def test_offers_are_those_that_were_asked_for(clients: Clients) -> None:
    found = Ec2Market(clients).offers("g5.xlarge", YEAR_SECONDS, OfferingClass.STANDARD, None)
    assert [offer.terms.payment for offer in found] == list(Payment)
    assert {(o.terms.instance_type, o.terms.duration_seconds, o.terms.zone) for o in found} == {
        ("g5.xlarge", YEAR_SECONDS, None)
    }


def test_a_zone_is_offered_only_where_it_was_asked_for(clients: Clients) -> None:
    found = Ec2Market(clients).offers("g5.xlarge", 3 * YEAR_SECONDS, OfferingClass.CONVERTIBLE, "us-east-1a")
    assert {offer.terms.zone for offer in found} == {"us-east-1a"}
    assert {offer.terms.offering_class for offer in found} == {"convertible"}


def test_the_hourly_price_is_the_recurring_charge_and_the_fixed_price_is_paid_at_once(clients: Clients) -> None:
    no, partial, all_of_it = Ec2Market(clients).offers("g5.xlarge", YEAR_SECONDS, OfferingClass.STANDARD, None)
    assert (no.upfront_usd, no.hourly_usd) == (0, pytest.approx(0.634, abs=1e-4))
    assert partial.upfront_usd > 0 < partial.hourly_usd
    assert (all_of_it.hourly_usd, Comparison(all_of_it, ON_DEMAND).hourly_usd) == (0, pytest.approx(0.59 * ON_DEMAND))


def test_what_is_bought_is_shown_with_its_terms_and_its_end(clients: Clients) -> None:
    market = Ec2Market(clients)
    (offer, *_) = market.offers("g5.xlarge", YEAR_SECONDS, OfferingClass.STANDARD, "us-east-1b")
    identifier = market.purchase(offer.id, 2)
    (found,) = market.bought("g5.xlarge")
    assert (found.id, found.count, found.terms, found.is_paid) == (identifier, 2, offer.terms, True)
    assert (found.end - found.start).days == 365
    assert market.bought("g5.2xlarge") == ()


def test_an_offering_that_does_not_exist_is_not_sold(clients: Clients) -> None:
    with pytest.raises(ClientError, match="InvalidReservedInstancesOfferingId"):
        clients.read("ec2").purchase_reserved_instances_offering(ReservedInstancesOfferingId="no", InstanceCount=1)
