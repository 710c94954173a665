"""The code and author of a result, from Git and the environment."""

from __future__ import annotations

import logging
import os
import subprocess
from pathlib import Path

from modellab.reporting.registry.records import Project

log = logging.getLogger(__name__)

#: the author of runs, if Git does not know or should not say
AUTHOR = "MODELLAB_AUTHOR"
_SECONDS = 20
#: set by a Git hook, for the checkout of its own command
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")


def project_root() -> Path:
    """The folder of this library: the checkout, if there is one."""
    return Path(__file__).resolve().parents[3]


def describe_project(root: Path) -> Project:
    """The commit of a checkout; empty without Git, or if the checkout does not track the folder."""
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
    """The output of a Git command; None if it fails."""
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
    # read-only: takes no lock that another command may wait for
    return {**kept, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
