"""The warehouse over the network."""
