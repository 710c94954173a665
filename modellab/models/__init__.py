"""Models that answer and embed: generators, embedders, prompts, prices, energy, GPUs.

A generator answers requests (`protocol`); `gpu` leases GPUs to processes of this machine.
"""

__all__ = ["embedders", "generators", "gpu", "prompts", "protocol"]
