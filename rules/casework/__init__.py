"""Casework: what people decide about a party, as acts that a policy allows or refuses (PHSO-3, SPSO-65).

Belongs here: acts, the file of papers that they make, and what that file says. Nothing of a party's stage or of a
restriction's state is ever typed in: it is read from the papers.
"""
