"""Invented messages with what a person would see in them, in two halves: one to tune lists on, one held out."""
