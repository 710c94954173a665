import gc
import os

from hypothesis import settings

# No test may reach for a hub, and none may spin on more threads than it was given.
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine takes longer for an example than any deadline; no test is of time.
settings.register_profile("modellab", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)
settings.load_profile("modellab")


def pytest_collection_modifyitems(items):
    """Whole workflows first: what is left at the end is short, and the workers end together."""
    items.sort(key=lambda item: item.get_closest_marker("workflow") is None)


def pytest_collection():
    """Collecting makes much that stays: looking for garbage in it would find nothing."""
    gc.disable()


def pytest_collection_finish():
    """Thousands of collected tests live to the end: no garbage collection walks through them."""
    gc.freeze()
    gc.enable()
