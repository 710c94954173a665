"""A separate job: takes a lease, prints its GPUs, and keeps them until it is told to stop.

python lease_process.py N JOB [SLOTS_PER_GPU]    one lease, until stdin closes
python lease_process.py --rounds SEED ROUNDS     many short ones, each checked for single use
"""

import os
import random
import sys
import time
from pathlib import Path

from modellab.models.gpu import Pace, lease

PACE = Pace(poll_seconds=0.01)


def hold(n, job, slots="1"):
    with lease(int(n), job=job, slots_per_gpu=int(slots), pace=PACE) as held:
        assert os.environ["CUDA_VISIBLE_DEVICES"] == ",".join(held.devices)
        print(",".join(held.devices), flush=True)
        sys.stdin.read()


def rounds(seed, count):
    chance = random.Random(seed)
    for _ in range(int(count)):
        n = chance.choice([1, 1, 2])
        pool = chance.sample(["fake0", "fake1", "fake2"], 3)
        with lease(n, job=seed, pool=pool, pace=PACE) as held:
            assert len(set(held.devices)) == n
            use_alone(held.devices)


def use_alone(gpus):
    marks = [Path(os.environ["MARKS"]) / gpu for gpu in gpus]
    for mark in marks:
        mark.open("x").close()
    time.sleep(0.003)
    for mark in marks:
        mark.unlink()


if __name__ == "__main__":
    if sys.argv[1] == "--rounds":
        rounds(*sys.argv[2:])
    else:
        hold(*sys.argv[1:])
