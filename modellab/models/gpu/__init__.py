"""GPUs of this machine, each given to one job at a time."""

from modellab.models.gpu.leasing import (
    Lease,
    current_lease,
    gpus_wanted,
    lease,
    numbered_devices,
)
from modellab.models.gpu.waiting import Pace

__all__ = ["Lease", "Pace", "current_lease", "gpus_wanted", "lease", "numbered_devices"]
