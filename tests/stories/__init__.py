"""Stories: for each real policy one life of casework, from the first incident to the end of a restriction.

A story is a file that a caseworker can read: who did what when, what was refused by which clause, and what held from
day to day. The player does it through the API by a clock of its own and looks every day whether it held.
"""
