"""The thinking: contacts, standings, measures, decisions, levels. Pure: no input or output, no clock."""
