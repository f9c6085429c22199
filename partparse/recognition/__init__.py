"""Networks that classify clips, their data sets and their training.

`create(name, classes=…, **settings)` is the one door to all networks.
"""

from partparse.recognition.registry import create

__all__ = ["create"]
