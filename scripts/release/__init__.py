"""The release engine: pure plans from state and request, and one runner that carries them out."""
