"""Who may do what: read from what the program declares, told as `docs/permissions.md`."""
