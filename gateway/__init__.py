"""Brings it together: reception of contacts, delivery, levels, jobs, the command line."""
