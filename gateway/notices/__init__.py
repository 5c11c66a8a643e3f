"""What the office tells a party in writing: composed from values, in plain words, in the form that a person needs.

Belongs here: pure composition; no storage, no clock. Promises that no notice says that a way works which the rules
would close (PHSO-20, SPSO-23, SPSO-64).
"""
