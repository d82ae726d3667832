"""Clients' keys in the table `keys`: making, listing and revoking them. What a key may is enforced by the gateway.

Keys in the secret `api-keys` are older and are replaced by scripts/secrets; a name is one or the other.
"""
