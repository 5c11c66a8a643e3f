"""The pages of the desk, at /desk: today's brief, logging by hand, what waits. Plain HTML, no script.

The first room of the console: over the same use cases as command line and API, and never past them.
"""

ROOT = "/desk"
"""Where the pages are served, whatever the address in front of it."""
