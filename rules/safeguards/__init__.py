"""What a message asks for that must reach a person whatever is restricted: recognised by lists (PHSO-27, SPSO-32).

Belongs here: kinds, lists, the reading of a text, and what follows for a decision. An aid, never the only eye: a list
misses other languages, pictures and what is meant between the lines (THREATS C8).
"""
