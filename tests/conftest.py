"""Tables that tests want seen: what a test gives `record_property("table", text)` stands at the end of the output."""


def pytest_terminal_summary(terminalreporter):
    """Print the tables of all tests that passed or failed, whichever worker ran them."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "table" and getattr(report, "when", "") == "call":
                    terminalreporter.write_line(f"\n{value}")
