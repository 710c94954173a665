"""GPUs of this machine, each given to one job at a time."""

from modellab.models.gpu.leasing import Lease, gpus_wanted, lease
from modellab.models.gpu.waiting import Pace

__all__ = ["Lease", "Pace", "gpus_wanted", "lease"]
