"""Which code made a result, and who ran it: what Git and the environment say, never a guess."""

from __future__ import annotations

import logging
import os
import subprocess
from pathlib import Path

from modellab.reporting.registry.records import Project

log = logging.getLogger(__name__)

#: names the author of runs where Git does not, or should not
AUTHOR = "MODELLAB_AUTHOR"
_SECONDS = 20
#: set where another Git command has started this one, for a checkout of its own
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")


def project_root() -> Path:
    """The folder that this library lies in: the checkout, where there is one."""
    return Path(__file__).resolve().parents[3]


def describe_project(root: Path) -> Project:
    """The commit of a checkout; nothing is known where Git is not there or refuses.

    A folder inside of a checkout that does not know its files is none of it.
    """
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    if commit is None or not _git(root, "ls-files", "--", "."):
        return Project()
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    branch = _git(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    return Project(commit, branch, None if changed is None else bool(changed))


def author(root: Path) -> str | None:
    """MODELLAB_AUTHOR, GIT_AUTHOR_NAME, or the name in Git's settings, in this order."""
    named = os.environ.get(AUTHOR) or os.environ.get("GIT_AUTHOR_NAME")
    return (named or _git(root, "config", "user.name") or "").strip() or None


def _git(root: Path, *arguments: str) -> str | None:
    """What a Git command prints; None where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words, no shell
            ["git", "-C", str(root), *arguments],  # noqa: S607 - Git is where the user has it
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            env=_environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.info("git %s: %s", arguments[0], error)
        return None
    if done.returncode:
        log.info("git %s: %s", arguments[0], done.stderr.strip() or f"exit {done.returncode}")
        return None
    return done.stdout.strip()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    # only looks: takes no lock that another command may wait for
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
