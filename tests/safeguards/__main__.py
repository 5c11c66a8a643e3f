"""`python -m tests.safeguards`: misses and false alarms of the lists, message by message for the tuning half alone."""

from tests.safeguards.labelled import PARTS, measured, table

for part in PARTS:
    found = measured(part)
    print(table(part, found))
    if part == "tuning":
        print("\n".join(f"    {line}" for line in found.lines))
