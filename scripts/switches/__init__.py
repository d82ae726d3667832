"""The run-time switches of the gateway's tiers: what each is set to, who follows, and setting them.

Owns the operator's half. That a task obeys is the gateway's business; it looks every two seconds.
"""
