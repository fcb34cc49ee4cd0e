"""The core of Kring: what the association's circles and gatherings are and what may happen to them."""
