"""Addresses to listen on, IPv4 and IPv6."""

from __future__ import annotations

import socket

LOCAL = ("localhost", "127.0.0.1", "::1")  # which other machines cannot reach


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any that is free.

    Raises:
        OSError: the address is not one of this machine, or the port is taken.
    """
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def in_url(host: str) -> str:
    """A host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
