"""The records of the end-to-end tests' offices."""

from tests.gateway.conftest import folder, template

__all__ = ["folder", "template"]
