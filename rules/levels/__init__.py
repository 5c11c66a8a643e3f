"""Levels: how much contact there was from a party over a window, over all channels and each (PHSO-25, HO-2, SPSO-51).

Belongs here: which levels there are, what adds to each, staff time, shares, thresholds. All of it pure.
"""
