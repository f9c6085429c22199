"""Where the persons and their parts are: detectors, pose, pose dots, person-box growth."""
