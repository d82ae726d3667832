"""Who may ask: clients' keys as a task knows them. Creating and revoking them is the operator's (`fab keys.…`)."""
