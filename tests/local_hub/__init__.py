"""A Hugging Face Hub on loopback, for tests and for the demo: content-addressed, on disk, real clients."""

from tests.local_hub.server import LocalHub


__all__ = ["LocalHub"]
