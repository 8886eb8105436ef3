"""The command in this process, with the checking process of all tests."""

from tests.e2e.conftest import anq

__all__ = ["anq"]
