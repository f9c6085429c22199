"""Commits for tests, whatever the user's own settings of git are."""

import os
import subprocess
from pathlib import Path


def git(folder: Path, *words: str) -> None:
    """Run git in `folder` as nobody in particular."""
    who = {"GIT_AUTHOR_NAME": "me", "GIT_AUTHOR_EMAIL": "me@example.org"}
    who |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in who.items()}
    environment = os.environ | who | {"GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "-C", folder, *words], check=True, env=environment, capture_output=True)


def commit_file(path: Path) -> None:
    """Make the file's folder a repository in which it is committed."""
    git(path.parent, "init")
    git(path.parent, "add", path.name)
    git(path.parent, "commit", "-m", path.name)
