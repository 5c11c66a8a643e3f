"""Doors for calls. Belongs here: one module a provider or protocol, over the values of `call`."""
