"""Ways to exchange messages: one package per channel, each with the same parts."""
