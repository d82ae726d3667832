"""What the gateway costs, measured. Nothing here is asserted in a test."""
