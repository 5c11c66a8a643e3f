"""Alerts to staff: what is said, to whom and when, repeated until answered, escalated, gathered in digests.

Belongs here: everything between the thing that happened and the doors out. One alert for one thing, and none is lost.
"""
