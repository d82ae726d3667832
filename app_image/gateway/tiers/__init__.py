"""Who can answer: one module a tier, and the attempt that asks one of them."""
