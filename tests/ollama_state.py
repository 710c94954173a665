"""What a server like Ollama's holds: models on its disk, models in its memory."""

import hashlib
import threading
import time
from dataclasses import dataclass, field

DEFAULT_KEEP_ALIVE = 300.0
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


@dataclass
class Spec:
    """A model on the server's disk."""

    name: str
    quantization: str = "Q4_K_M"
    parameter_size: str = "4.0B"
    longest_context: int = 32768
    parameters: str = "temperature                    0.7"
    capabilities: tuple = ("completion",)
    weights: str = ""

    @property
    def digest(self):
        return hashlib.sha256((self.weights or self.name).encode()).hexdigest()

    def details(self):
        return {
            "parent_model": "",
            "format": "gguf",
            "family": "qwen3",
            "families": ["qwen3"],
            "parameter_size": self.parameter_size,
            "quantization_level": self.quantization,
        }


@dataclass
class Runner:
    """A model in the server's memory."""

    spec: Spec
    context: int
    expires: float = float("inf")
    leaving: bool = False


@dataclass
class Seen:
    """One request."""

    method: str
    path: str
    body: dict


@dataclass
class FakeOllama:
    """The state of the server; tests set it and look at it."""

    specs: list = field(default_factory=list)
    registry: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    load_seconds: float = 0.0
    chat_seconds: float = 0.0
    unload_seconds: float = 0.0
    load_error: str = ""
    default_context: int = 4096
    reply: object = None
    requests: list = field(default_factory=list)
    loads: list = field(default_factory=list)
    runners: dict = field(default_factory=dict)
    most_resident: int = 0
    most_chats: int = 0
    chats: int = 0
    dead: bool = False
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    loading: threading.Lock = field(default_factory=threading.Lock)

    def asked(self, path):
        return [seen.body for seen in self.requests if seen.path == path]

    def resident(self):
        """Full names of the models in memory."""
        with self.lock:
            now = time.monotonic()
            for name in [name for name, runner in self.runners.items() if runner.expires <= now]:
                del self.runners[name]
            return list(self.runners)

    def find(self, name):
        return next((spec for spec in self.specs if spec.name == tagged(name)), None)

    def load(self, name, context=None, keep_alive=None):
        """Bring a model into memory if it is not there with this context; seconds it took."""
        spec = self.find(name)
        with self.loading:
            start = time.monotonic()
            self.resident()
            runner = self.runners.get(spec.name)
            if runner is None or runner.leaving or (context and runner.context != context):
                time.sleep(self.load_seconds)
                self.loads.append(spec.name)
                runner = Runner(spec, context or self.default_context)
            with self.lock:
                self.runners[spec.name] = runner
                runner.expires = time.monotonic() + keep_alive_seconds(keep_alive)
                self.most_resident = max(self.most_resident, len(self.runners))
            return time.monotonic() - start

    def unload(self, name):
        with self.lock:
            runner = self.runners.get(tagged(name))
            if runner:
                runner.leaving = True
                runner.expires = time.monotonic() + self.unload_seconds


def tagged(name):
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"


def keep_alive_seconds(value):
    """Seconds from `keep_alive`: a number, or a text such as 5m; negative: forever."""
    if value is None:
        return DEFAULT_KEEP_ALIVE
    if isinstance(value, str):
        unit = next((unit for unit in UNITS if value.endswith(unit)), "s")
        value = float(value.removesuffix(unit)) * UNITS[unit]
    return float("inf") if value < 0 else float(value)
