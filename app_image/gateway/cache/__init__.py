"""Earlier answers, kept for when nothing else answers."""
