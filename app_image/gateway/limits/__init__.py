"""How much a key may ask for in a minute and in a month."""
