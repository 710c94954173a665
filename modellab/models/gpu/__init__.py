"""GPUs of this machine, each given to one job at a time."""

from modellab.models.gpu.leasing import (
    Lease,
    Pace,
    current_lease,
    gpus_wanted,
    lease,
    numbered_devices,
)

__all__ = ["Lease", "Pace", "current_lease", "gpus_wanted", "lease", "numbered_devices"]
