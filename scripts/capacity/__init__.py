"""GPU capacity as a matter of money and of images: reservations that are bought, that are used, and what hosts boot."""
