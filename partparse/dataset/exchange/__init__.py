"""Labels in the formats of other tools: a file a format, and the official layout at one end."""
