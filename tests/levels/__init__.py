"""Levels of contact, counted a second time by a plain loop that shares nothing with the product."""
