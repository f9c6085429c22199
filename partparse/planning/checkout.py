"""Which commit of the project runs: the workflow asks each time it is parsed, so this is light."""

import subprocess
from pathlib import Path


def commit_of(folder: Path) -> str | None:
    """The commit that is checked out in `folder`; None where git does not keep it, or is absent."""
    # a folder that was unpacked inside somebody's repository is not kept by it
    if _git(folder, "ls-files", "--error-unmatch", "Snakefile") is None:
        return None
    return _git(folder, "rev-parse", "HEAD")


def is_changed(folder: Path) -> bool:
    """Whether any file that git keeps in `folder` differs from the commit."""
    return bool(_git(folder, "status", "--porcelain", "--untracked-files=no", "."))


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
