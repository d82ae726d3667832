"""Which function prices what: one file a family, listed here once."""

from scripts.cost.families import compute, fallback, network, protection, storage, watching

FAMILIES = (compute.FAMILY, network.FAMILY, protection.FAMILY, watching.FAMILY, storage.FAMILY, fallback.FAMILY)
