"""Write a corpus and questions of another tiny world: `python generate.py FOLDER --seed 7`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tiny_world.benchmark import Size, write_benchmark


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Write a corpus and questions of the tiny world; "
        "the same options write the same bytes."
    )
    parser.add_argument("folder", type=Path, help="takes corpus.jsonl and questions.csv")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes another world")
    parser.add_argument("--known", type=int, default=80, help="questions phrased as in lessons")
    parser.add_argument("--held-out", type=int, default=40, help="phrased as in no lesson")
    parser.add_argument("--unanswerable", type=int, default=30, help="no document answers these")
    parser.add_argument(
        "--groups", type=int, default=9, help="groups of five things, about eleven documents"
    )
    given = parser.parse_args()
    size = Size(given.known, given.held_out, given.unanswerable, given.groups)
    try:
        write_benchmark(given.folder, given.seed, size)
    except ValueError:
        parser.error(f"--groups {given.groups}: too few for that many questions; ask for more")


if __name__ == "__main__":
    main()
