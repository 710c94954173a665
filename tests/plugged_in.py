"""The example package, installed into a folder as pip would: nothing comes from the network."""

from pathlib import Path

SOURCE = Path(__file__).parents[1] / "examples" / "plugin"


def install(folder: Path) -> Path:
    """A folder for `PYTHONPATH` with the package and the entry points of its pyproject.toml."""
    import shutil
    import tomllib

    project = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]
    shutil.copytree(SOURCE / "yes_no", folder / "yes_no")
    info = folder / f"modellab_yes_no-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [
        line
        for group, points in project["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in points.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return folder
