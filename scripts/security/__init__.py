"""The page about security, made from the table of controls."""
