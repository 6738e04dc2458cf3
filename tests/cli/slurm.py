"""A sweep with Slurm on two nodes of this machine, with tasks and a node that die: slurm.py --binary --source ."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

from cli import Cli, main

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "unshare"]
NODES = ["node1", "node2"]
LEASE = 3  # seconds

CONFIGURATION = """
ClusterName=tiny
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
SlurmctldPort={port}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
SlurmdTimeout=6
MessageTimeout=3
KillWait=2
MinJobAge=300
ReturnToService=2
JobCompType=jobcomp/none
AccountingStorageType=accounting_storage/none
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    """munged, slurmctld and a slurmd for each node, which has a host name of its own, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("state", *NODES):
            (folder / name).mkdir()
        self.environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "LINKS_LEASE_SECONDS": str(LEASE)}
        ports = free_ports(1 + len(NODES))
        lines = [CONFIGURATION.format(folder=folder, host=socket.gethostname().split(".")[0], port=ports[0])]
        lines += [f"NodeName={node} NodeHostname={node} NodeAddr=127.0.0.1 Port={port} CPUs=2 State=UNKNOWN"
                  for node, port in zip(NODES, ports[1:])]
        lines.append(f"PartitionName=all Nodes={','.join(NODES)} Default=YES MaxTime=INFINITE State=UP")
        (folder / "slurm.conf").write_text("\n".join(lines) + "\n")
        key = folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        self.processes = {}
        self.start("munged", "munged", "--foreground", "--force", f"--socket={folder}/munge.socket", f"--key-file={key}",
                   f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log", f"--seed-file={folder}/munge.seed")
        self.wait_or_skip("munged", (folder / "munge.socket").exists)
        self.start("slurmctld", "slurmctld", "-D", "-c")
        for node in NODES:
            self.start(node, "unshare", "--uts", "sh", "-c", f"hostname {node} && exec slurmd -D")
        self.wait_or_skip("Slurm", self.idle)

    def idle(self):
        done = subprocess.run(["sinfo", "-h", "-o", "%D %t"], env=self.environment, capture_output=True, text=True, timeout=60)
        return done.stdout.split() == ["2", "idle"]

    def wait_or_skip(self, what, condition, seconds=60):
        """For daemons that a container does not let start."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                said = "".join(path.read_text()[-500:] for path in [*self.folder.glob("*.out"), *self.folder.glob("*.log")])
                self.stop()
                raise unittest.SkipTest(f"{what} does not start here: {said}")
            time.sleep(0.1)

    def start(self, name, *words):
        log = open(self.folder / f"{name}.out", "wb")
        self.processes[name] = subprocess.Popen(words, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                start_new_session=True)

    def of_node(self, node):
        """Processes of a node: those with its host name."""
        found = []
        name_space = os.readlink(f"/proc/{self.processes[node].pid}/ns/uts")
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(folder / "ns/uts") == name_space:
                    found.append((int(folder.name), (folder / "cmdline").read_bytes().decode().split("\0")))
            except OSError:
                continue
        return found

    def kill_node(self, node):
        for process, _ in self.of_node(node):
            os.kill(process, signal.SIGKILL)
        self.processes.pop(node).wait()

    def stop(self):
        for node in NODES:
            if node in self.processes:
                self.kill_node(node)
        for process in self.processes.values():
            process.kill()
            process.wait()

    def call(self, *words):
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def queue(self):
        """-> (job, state) of what waits or runs"""
        return [tuple(line.split()) for line in self.call("squeue", "-h", "-r", "-o", "%i %T").splitlines()]


class Slurm(Cli):
    @classmethod
    def setUpClass(cls):
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing:
            raise unittest.SkipTest(f"Slurm is not installed: no {', '.join(missing)}")
        if os.geteuid() != 0:
            raise unittest.SkipTest("nodes with host names of their own need root")
        super().setUpClass()

    def prepare(self):
        self.synthesize()
        cluster = pathlib.Path(self.work, "cluster")
        cluster.mkdir()
        type(self).cluster = Cluster(cluster)
        self.write("base.yaml", "base: tiny.yaml\nlifters: {schedule: {epochs: 30, batch: 16}}\n"
                   "flows: {schedule: {epochs: 2}}\ncheckpoint_seconds: 1\n")
        shutil.copy(pathlib.Path(__file__).with_name("tiny.yaml"), self.work)
        self.write("sweep.yaml", "config: base.yaml\nstages: [flows, lifters]\nruns:\n  - variant: [legs_torso, full]\n"
                   "  - {variant: legs_torso, lifters.loss.bone: [0, 20]}\n")

    @classmethod
    def tearDownClass(cls):
        cls.cluster.stop()
        super().tearDownClass()

    def sweep(self, *arguments, code=0):
        done = subprocess.run([self.binary, "sweep", *map(str, arguments)], cwd=self.work, capture_output=True, text=True,
                              env=self.cluster.environment, timeout=300)
        self.assertEqual(done.returncode, code, f"{arguments}\nstdout: {done.stdout}\nstderr: {done.stderr}\n{self.logs()}")
        return done.stdout, done.stderr

    def logs(self):
        return "\n".join(f"{path}: {path.read_text()[-1500:]}" for path in [*self.work.rglob("tasks/*/log.txt"),
                                                                       *self.cluster.folder.glob("*.log")])

    def wait_for(self, what, condition, seconds=100):
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            self.assertLess(time.monotonic(), deadline, f"no {what} after {seconds} s: {self.cluster.queue()}\n{self.logs()}")
            time.sleep(0.1)
        return found

    def lifters_on(self, node):
        """A process on a node that holds the lease of its task and trains lifters, and its task."""
        for process, words in self.cluster.of_node(node):
            if words[1:2] != ["sweep"]:
                continue
            task = words[words.index("--task") + 1]
            said, lease = (self.read("out", "tasks", task, name) for name in ("log.txt", "lock"))
            if lease.startswith(f"process {process} on {node}") and "lifters  epoch" in said and "lifters  done" not in said:
                return process, task
        return None

    def read(self, *path):
        try:
            return self.work.joinpath(*path).read_text()
        except FileNotFoundError:
            return ""

    def held_lifters_on(self, node):
        """The same, stopped where it is until its node dies."""
        found = self.lifters_on(node)
        if not found:
            return None
        try:
            os.kill(found[0], signal.SIGSTOP)
        except ProcessLookupError:  # it has just ended
            return None
        return found

    def test_what_dies_ends_as_if_it_had_not(self):
        options = ["sweep.yaml", "--train", "poses.h5", "--test", "poses.h5", "--seeds", 3, "--output", "out", "--device", "cpu",
                   "--jobs", 4, "--threads", 1]
        table, _ = self.sweep(*options)
        (self.work / "out").rename(self.work / "direct")
        self.wait_for("idle nodes", self.cluster.idle)

        out, _ = self.sweep(*options, "--slurm", "--dry-run")
        self.assertEqual(out.count("\nsbatch"), 3)
        self.assertFalse((self.work / "out").exists())
        self.sweep(*options, "--slurm", "--slurm-options", "--time=10 --comment=\"two words\"")
        _, err = self.sweep(*options, "--slurm", code=2)
        self.assertIn("in Slurm's queue", err)

        # Another task each: killed, warned of its time limit, on a node that dies.
        killed, failed = self.wait_for("lifters on node2", lambda: self.lifters_on("node2"))
        os.kill(killed, signal.SIGKILL)
        warned, task = self.wait_for("more lifters on node2", lambda: (found := self.lifters_on("node2")) and found[1] != failed and found)
        job = (self.work / "out" / "tasks" / task / "slurm_job.txt").read_text()
        self.cluster.call("scancel", "--batch", "--signal=USR1", job)
        _, lost = self.wait_for("lifters on node1", lambda: self.held_lifters_on("node1"))
        status = subprocess.run([self.binary, "sweep", "--status", "out"], cwd=self.work, capture_output=True, text=True,
                                env={**os.environ, "SLURM_CONF": "/nowhere"}, timeout=60)
        self.assertRegex(status.stdout, rf"(?m)^{lost} .* running +process \d+ on node1 ")
        self.cluster.kill_node("node1")
        self.wait_for("end of all jobs", lambda: not self.cluster.queue())
        self.assertIn("stopped in stage lifters", (self.work / "out" / "tasks" / task / "log.txt").read_text())
        self.assertIn("was left by process", (self.work / "out" / "tasks" / lost / "log.txt").read_text())
        self.assertIn("on node1 and is taken over", (self.work / "out" / "tasks" / lost / "log.txt").read_text())

        # What was killed alone is missing, and run again alone.
        missing = [run for run in self.runs("direct") if not (self.work / "out" / run / "evaluation.json").exists()]
        plan = json.loads((self.work / "out" / "sweep.json").read_text())
        self.assertTrue(missing)
        self.assertLessEqual(set(missing), set(plan["tasks"][int(failed) - 1]["runs"]))
        _, err = self.sweep("--output", "out", "--slurm")
        self.assertRegex(err, rf"--array={failed}%?\d* ")
        self.wait_for("end of all jobs", lambda: not self.cluster.queue())

        self.assertEqual((self.work / "out" / "table4.txt").read_text() if (self.work / "out" / "table4.txt").exists() else
                         (self.work / "out" / "table.txt").read_text(), table)
        self.assertEqual(self.runs("out"), self.runs("direct"))
        checkpoints = [path.relative_to(self.work / "direct") for path in (self.work / "direct").rglob("*.safetensors")]
        self.assertEqual(len(checkpoints), 3 * 4 * 3)
        for path in checkpoints:
            self.assertEqual((self.work / "out" / path).read_bytes(), (self.work / "direct" / path).read_bytes(), path)
        out, _ = self.sweep("--status", "out")
        self.assertTrue(out.strip().endswith("12 done"), out)

    def runs(self, output):
        return sorted(str(path.parent.relative_to(self.work / output)) for path in (self.work / output).rglob("config.yaml"))


if __name__ == "__main__":
    sys.exit(main(__doc__, globals()))
