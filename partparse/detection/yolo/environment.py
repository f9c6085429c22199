"""What ultralytics must be told before it is imported: import this module first.

ultralytics reads its environment once, at import. Left alone it asks the network for updates,
installs packages, keeps settings in the user's home (where they switch on loggers that talk to
services), and reports usage.
"""

import atexit
import os
import shutil
import tempfile


def _isolate() -> None:
    # a folder of this process: parallel jobs write the same settings file, and a user's own
    # settings must not change what a run does
    folder = tempfile.mkdtemp(prefix="partparse-ultralytics-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {
        "YOLO_CONFIG_DIR": folder,
        "YOLO_OFFLINE": "1",
        "YOLO_AUTOINSTALL": "0",
        "YOLO_VERBOSE": "0",
    }


_isolate()
