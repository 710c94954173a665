"""GPUs of this machine, each given to one job at a time."""

from modellab.models.gpu.leasing import Lease, cards_wanted, lease
from modellab.models.gpu.waiting import Pace

__all__ = ["Lease", "Pace", "cards_wanted", "lease"]
