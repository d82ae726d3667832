"""Taking an environment down: what would be lost, what stands against it, the steps, and carrying them out."""
