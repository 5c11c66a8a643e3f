"""Tests of the rules: pure, without clock, network or files but for their own cases."""
