"""Cases of every measure, and the test that walks the registry."""
