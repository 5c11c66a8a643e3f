"""Reports: what the office's record says of its restrictions and of a party, for people and for publication.

Belongs here: counting, laying out, and keeping small numbers and other people out. Reports change nothing on record.
"""
