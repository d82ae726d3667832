"""The web firewall's rule set as plain data: AWS's managed rules (`managed.py`) and what becomes of them here. Pure."""
