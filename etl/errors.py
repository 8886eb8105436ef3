"""Typed errors: each has the exit code of the `anq` command; its message names what failed and what to do."""

from __future__ import annotations


class AnqError(Exception):
    """Our own fault, or one of the machine's: exit code 1."""

    exit_code = 1


class DamageError(AnqError):
    """A file of the home is missing, cut short, or holds other bytes than were written: exit code 1."""


class UsageError(AnqError):
    """What was asked for does not exist or cannot be read: exit code 2."""

    exit_code = 2


class SourceError(AnqError):
    """The source did not answer, or sent what it should not have; what was published stays: exit code 3."""

    exit_code = 3


class NoQuestionError(SourceError):
    """An archive came whole, without any file, as one may be before the first question: exit code 3."""


class GateError(AnqError):
    """A critical check failed: the archive is held back, or there is no release: exit code 4."""

    exit_code = 4


class StoreError(AnqError):
    """The store of a team's home did not take or give what it should; what it held before still holds: exit code 1."""


class LostError(StoreError):
    """Another worker replaced what this one had read; nothing of this work holds: exit code 1."""
