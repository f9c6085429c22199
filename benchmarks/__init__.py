"""How fast, against plain versions: a folder a subject; docs/performance.md has the figures."""
