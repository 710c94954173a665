import atexit
import functools
import gc
import os
import signal
import ssl

import pytest
from hypothesis import settings

# No test may reach for a hub, and none may spin on more threads than it was given.
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine takes longer for an example than any deadline; no test is of time.
settings.register_profile("modellab", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)
settings.load_profile("modellab")


@pytest.hookimpl(trylast=True)  # after deselection
def pytest_collection_modifyitems(items):
    """Each worker begins with whole workflows: the tests left for the end are short, so workers end together.

    With `--dist worksteal` workers begin with equal shares of the tests, one after the other.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    files, short = {}, []
    for item in items:
        workflow = item.get_closest_marker("workflow")
        # tests of one finished benchmark share a worker: another one would wait for it
        group = "finished" if "finished" in item.fixturenames else item.path
        (files.setdefault(group, []) if workflow else short).append(item)
    shares = [[] for _ in range(workers)]
    for number, tests in enumerate(files.values()):
        shares[number % workers] += tests
    taken = 0
    for number, share in enumerate(shares):
        size = len(items) // workers + (number >= workers - len(items) % workers)
        more = max(size - len(share), 0)
        share += short[taken : taken + more]
        taken += more
    items[:] = [*(item for share in shares for item in share), *short[taken:]]


def pytest_collection():
    """Collecting makes much that stays: looking for garbage in it would find nothing."""
    gc.disable()


def pytest_collection_finish():
    """Thousands of collected tests live to the end: no garbage collection walks through them."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure():
    """Pytest need not look for garbage in all that was imported: Python does when it ends."""
    gc.freeze()
    atexit.register(gc.unfreeze)


@pytest.fixture
def ctrl_c():
    """SIGINT raises KeyboardInterrupt: tests that run in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True, scope="session")
def certificates_are_read_once():
    """Reading certificates takes longer than most answers of servers on loopback, which need none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield
