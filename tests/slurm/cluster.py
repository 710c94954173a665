"""A real SLURM on this machine alone: a controller, three nodes, munge, and made-up GPUs.

Nodes card1 and card2 (two GPUs each) are the partition `gpu`, node plain1 is the partition `cpu`.
No database, no cgroups, no systemd: everything lives in one folder and ends with this process.
"""

import fcntl
import os
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

COMMANDS = ("slurmctld", "slurmd", "munged", "sinfo", "srun", "sbatch", "squeue", "scancel")
FILES = ("slurm.conf", "gres.conf", "cgroup.conf")
#: where the clients inside a job look: the executor plugin takes SLURM_CONF out of their environment
SYSTEM = Path("/etc/slurm")
PREFIX = "modellab-slurm-"
LOCK = Path(tempfile.gettempdir()) / f"{PREFIX}test.lock"
CARD_NODES = ("card1", "card2")
NODES = (*CARD_NODES, "plain1")
PATIENCE = 30.0

SLURM_CONF = """\
ClusterName=modellab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
# the nodes claim more than the machine has, so that jobs run side by side on two cores
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
ReturnToService=2
KillWait=5
MinJobAge=600
NodeName=DEFAULT CPUs=8 Boards=1 SocketsPerBoard=1 CoresPerSocket=8 ThreadsPerCore=1 RealMemory=100000
{nodes}
PartitionName=cpu Nodes=plain1 Default=YES MaxTime=1-00:00:00 State=UP
PartitionName=gpu Nodes=card1,card2 MaxTime=1-00:00:00 State=UP
"""
GRES_CONF = """\
AutoDetect=off
NodeName=card[1-2] Name=gpu Type=made_up File={folder}/card[0-1]
"""


def why_not():
    """Why no cluster can be started here; None if it can."""
    missing = [name for name in COMMANDS if shutil.which(name, path=search_path()) is None]
    if missing:
        return f"SLURM is not installed (no {', '.join(missing)}); as root: make slurm"
    if os.geteuid() != 0:
        return "only root can start a SLURM cluster"
    taken = [SYSTEM / name for name in FILES if is_foreign(SYSTEM / name)]
    return f"this machine is set up for another cluster ({taken[0]})" if taken else None


def search_path():
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def is_foreign(path):
    """Whether a configuration is there that no test has made (one that was killed leaves its own)."""
    return path.exists() if not path.is_symlink() else PREFIX not in str(path.readlink())


@contextmanager
def running_cluster():
    """The cluster, for the block. A second one on this machine waits until the first has ended."""
    with LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # a short path: a socket's may have about a hundred characters
        with tempfile.TemporaryDirectory(
            prefix=PREFIX, dir="/tmp", ignore_cleanup_errors=True
        ) as name:
            cluster = Cluster(Path(name))
            try:
                cluster.start()
                yield cluster
            finally:
                cluster.stop()


class Cluster:
    """Daemons that are children of this process, and the clients that ask them."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = []

    def start(self):
        self._configure()
        for name in FILES:
            SYSTEM.mkdir(exist_ok=True)
            (SYSTEM / name).unlink(missing_ok=True)
            (SYSTEM / name).symlink_to(self.folder / name)
        self._launch("munged", "--foreground", "--force", *self._munge_options())
        self._wait("munge", (self.folder / "munge.socket").exists)
        self._launch("slurmctld", "-D", "-f", str(self.folder / "slurm.conf"))
        for node in NODES:
            self._launch("slurmd", "-D", "-N", node, "-f", str(self.folder / "slurm.conf"))
        self._wait("all nodes", lambda: self.idle() >= len(NODES))

    def stop(self):
        self.ask("scancel", "--user=root", check=False)
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for name in FILES:
            (SYSTEM / name).unlink(missing_ok=True)

    def ask(self, *command, check=True):
        """What a client prints."""
        return subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, check=check, timeout=60
        ).stdout

    def environment(self):
        return {**os.environ, "PATH": search_path(), "SLURM_CONF": str(self.folder / "slurm.conf")}

    def idle(self):
        states = self.ask("sinfo", "--noheader", "--Node", "--format=%N %t", check=False)
        return len(re.findall(r" (?:idle|mix|alloc)$", states, re.M))

    def jobs(self):
        """The facts of every job since the start, as `scontrol` names them."""
        shown = self.ask("scontrol", "--oneliner", "--details", "show", "job").splitlines()
        return [dict(re.findall(r"(\S+?)=(\S*)", line)) for line in shown if "JobId=" in line]

    def _configure(self):
        (self.folder / "state").mkdir()
        for node in NODES:
            (self.folder / f"spool.{node}").mkdir()
        for number in range(2):
            # any device will do: without cgroups nobody opens it
            os.mknod(self.folder / f"card{number}", stat.S_IFCHR | 0o600, os.makedev(1, 3))
        ports = free_ports(1 + len(NODES))
        facts = {
            "folder": self.folder,
            "host": socket.gethostname().split(".")[0],
            "controller": ports[0],
        }
        nodes = [
            node_line(name, port, facts["host"])
            for name, port in zip(NODES, ports[1:], strict=True)
        ]
        (self.folder / "slurm.conf").write_text(SLURM_CONF.format(nodes="\n".join(nodes), **facts))
        (self.folder / "gres.conf").write_text(GRES_CONF.format(**facts))
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(1024))

    def _munge_options(self):
        places = {"socket": "munge.socket", "key-file": "munge.key", "pid-file": "munge.pid"}
        places |= {"log-file": "munge.log", "seed-file": "munge.seed"}
        return [f"--{option}={self.folder / name}" for option, name in places.items()]

    def _launch(self, *command):
        log = (self.folder / f"{len(self.daemons)}.out").open("wb")
        with log:
            self.daemons.append(
                # a daemon does not outlive the tests, however they end
                subprocess.Popen(
                    ["setpriv", "--pdeathsig", "TERM", *command],
                    env=self.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            )

    def _wait(self, what, ready):
        deadline = time.monotonic() + PATIENCE
        while not ready():
            dead = [" ".join(map(str, d.args)) for d in self.daemons if d.poll() is not None]
            if dead or time.monotonic() > deadline:
                raise RuntimeError(f"SLURM: {what} did not come up; ended: {dead}\n{self._logs()}")
            time.sleep(0.1)

    def _logs(self):
        files = sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")])
        return "\n".join(
            f"{path.name}: {path.read_text(errors='replace')[-2000:]}" for path in files
        )


def node_line(name, port, host):
    gpus = " Gres=gpu:made_up:2" if name in CARD_NODES else ""
    return f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port}{gpus}"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
