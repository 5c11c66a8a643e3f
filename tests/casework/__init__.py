"""Proofs of casework: random sequences of acts, judged by a law written from the policies, not from the product."""
