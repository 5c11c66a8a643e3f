"""Tests of the doors for calls."""
