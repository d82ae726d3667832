"""Stories: what a rehearsal plays, step by step, under load, and what it reports."""
