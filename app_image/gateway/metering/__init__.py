"""What was used, by whom, of which tier and model, and what it cost."""
