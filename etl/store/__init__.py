"""A home whose folder is a cache: what it holds is kept at an address, for workers that share no disk."""

from etl.store.mirror import Scope, kept, pull

__all__ = ["Scope", "kept", "pull"]
