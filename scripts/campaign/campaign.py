#!/usr/bin/env python3
"""Disturbs bellm for some minutes, and sees that nothing is lost.

Kills, signals, full disks, several writers, servers with faults, damaged caches and damaged files, drawn from a seed that is printed; --seed repeats
a campaign. After each the work is done again and must give what undisturbed work gave, and an output must be what it was
or what it was to become, whole. Ends with a summary of counts; fails where anything was lost, crashed or hung, or where a kind
of disturbance was not measured.

Example:
    scripts/campaign/campaign.py --minutes 10
"""

import argparse
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import hub
import inputs

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMIT = 120  # seconds after which a process hangs


class Lost(Exception):
    """What a campaign must not see."""


class Work:
    """A command whose outcome is known: arguments, the output, and what of it doesn't change."""

    def __init__(self, name, arguments, output, content, anew=True):
        self.name, self.arguments, self.output, self.content, self.anew = name, arguments, output, content, anew
        self.reference, self.seconds = None, 0.0


class Campaign:
    def __init__(self, bellm, folder, seed):
        self.bellm, self.folder, self.seed = bellm, folder, seed
        self.counts = collections.Counter()
        self.lost = []
        self.number = 0
        self.printed = {}
        inputs.write(folder, os.path.join(ROOT, "configs"))
        self.hub = hub.Hub(os.path.join(folder, "model"))
        run = ["run", "x.yaml", "--data", "data", "--threads", "1"]
        self.works = [
            Work("run", run + ["--output", "r.h5"], "r.h5", self.table),
            Work("train", ["train", "t.yaml", "--data", "data", "--threads", "1", "--output", "a"], "a/t", self.adapter),
            Work("export", ["train", "t.yaml", "--data", "data", "--threads", "1", "--output", "e"], "e/t", self.adapter,
                 anew=False),
            Work("embed", ["embed", "--model", "./model", "--pooling", "mean", "--input", "long.txt", "--threads", "1",
                           "--output", "o.npy"], "o.npy", self.bytes),
            Work("launcher", run + ["--launcher", "local", "--jobs", "2", "--output", "l.h5"], "l.h5", self.table),
            # All parts are there: what is left to do is to merge them.
            Work("merge", run + ["--launcher", "local", "--jobs", "2", "--output", "l.h5"], "l.h5", self.table,
                 anew=False),
        ]

    # What is compared.

    def bytes(self, path):
        with open(os.path.join(self.folder, path), "rb") as file:
            return file.read()

    def adapter(self, path):
        return self.bytes(path + "/adapter_model.safetensors") + self.bytes(path + "/adapter_config.json")

    def table(self, path):
        """All scores, unrounded; times are left out."""
        done = self.do(["show", path, "--format", "csv"])
        if done.returncode != 0:
            raise Lost(f"{path} cannot be read: {done.stderr.strip()}")
        return done.stdout.encode()

    def told(self, arguments, done):
        """What a command wrote, wherever it wrote it."""
        return done.stdout.encode() + (self.bytes(arguments[-1]) if "--output" in arguments else b"")

    # Processes.

    def start(self, arguments, cache="cache", **more):
        environment = {
            **os.environ, "BELLM_CACHE": os.path.join(self.folder, cache), "SWIFT_BACKTRACE": "enable=no",
            "HF_ENDPOINT": self.hub.address, "HF_HOME": os.path.join(self.folder, "hub"),
            "HF_HUB_DOWNLOAD_TIMEOUT": "2",
        }
        return subprocess.Popen([self.bellm] + arguments, cwd=self.folder, env=environment, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                start_new_session=True, **more)

    def finish(self, process):
        try:
            out, err = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Lost(f"took more than {LIMIT} s: {process.args}")
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def do(self, arguments, cache="cache", **more):
        return self.finish(self.start(arguments, cache, **more))

    def succeed(self, arguments, cache="cache"):
        done = self.do(arguments, cache)
        if done.returncode != 0:
            raise Lost(f"{' '.join(arguments)}: {done.returncode}: {done.stderr.strip()[-300:]}")
        return done

    def refused(self, done):
        """Whether it refused by a line; anything else that isn't success is lost."""
        if done.returncode == 0:
            return False
        if done.returncode != 1 or "error:" not in done.stderr.lower():
            raise Lost(f"{' '.join(done.args[1:])}: ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return True

    def forget(self, work):
        """Away with what would spare the work."""
        if not work.anew:
            return
        path = os.path.join(self.folder, "cache")
        shutil.rmtree(path, ignore_errors=True)

    def references(self):
        for work in self.works:
            self.forget(work)
            start = time.monotonic()
            self.succeed(work.arguments)
            work.seconds = time.monotonic() - start
            work.reference = work.content(work.output)
            print(f"{work.name}: {work.seconds:.1f} s undisturbed", flush=True)
        shutil.copyfile(os.path.join(self.folder, "r.h5"), os.path.join(self.folder, inputs.RESULT))
        for source, target, verbs in inputs.READERS:
            if source == inputs.RESULT:
                shutil.copyfile(os.path.join(self.folder, source), os.path.join(self.folder, target))
                self.printed = {tuple(verb): self.told(verb, self.succeed(verb)) for verb in verbs}

    # Disturbances.

    def check_old(self, work):
        """Behind a disturbance the output is the old one or the whole new one, which are the same here."""
        if work.content(work.output) != work.reference:
            raise Lost(f"{work.name}: {work.output} is neither old nor new")

    def check_again(self, work):
        self.succeed(work.arguments)
        if work.content(work.output) != work.reference:
            raise Lost(f"{work.name}: done again, it gives something else")
        left = [name for name in os.listdir(self.folder) if name.endswith(".tmp")]
        if left:
            raise Lost(f"{work.name}: left behind: {left}")

    def kill(self, draw):
        work = draw.choice(self.works)
        self.forget(work)
        process = self.start(work.arguments)
        delay = draw.uniform(0, 1.05 * work.seconds)
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            pass
        ended = process.poll() is not None
        # The launcher alone: its processes are to end by themselves.
        process.kill()
        process.communicate()
        self.counts[f"kill {work.name}"] += 0 if ended else 1
        self.check_old(work)
        self.check_again(work)

    def signals(self, draw):
        work = draw.choice([work for work in self.works if work.anew])
        self.forget(work)
        process = self.start(work.arguments)
        chosen = draw.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
        is_twice = draw.random() < 0.3
        try:
            process.wait(draw.uniform(0.05, 1.05 * work.seconds))
        except subprocess.TimeoutExpired:
            process.send_signal(chosen)
            self.counts[f"signal {chosen.name}" + (" twice" if is_twice else "")] += 1
            if is_twice:
                time.sleep(draw.choice([0, 0.01, 0.1]))
                process.send_signal(chosen)
        done = self.finish(process)
        # Before the program has taken charge of signals, a signal ends it as it ends any.
        if done.returncode not in (0, 128 + chosen, -chosen):
            raise Lost(f"{work.name}: {chosen.name}: ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        self.check_old(work)
        self.check_again(work)

    def full_disk(self, draw):
        disk = os.path.join(self.folder, "disk")
        work = draw.choice(self.works)
        kilobytes = draw.choice([16, 64, 256, 1024])
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", disk], check=True)
        try:
            output = f"disk/{work.output}"
            option = work.arguments.index("--output") + 1
            arguments = [*work.arguments[:option], f"disk/{work.arguments[option]}", *work.arguments[option + 1:]]
            with open(os.path.join(disk, "filler"), "wb") as file:
                file.write(bytes(draw.randrange(kilobytes) << 10))
            self.counts["full disk"] += 1
            if self.refused(self.do(arguments)):
                left = os.listdir(disk)
                if any(name.endswith(".tmp") for name in left):
                    raise Lost(f"full disk: left behind: {left}")
            elif work.content(output) != work.reference:
                raise Lost(f"{work.name}: a full disk, exit code 0, and another output")
        finally:
            subprocess.run(["umount", disk], check=True)

    def writers(self, draw):
        work = draw.choice([work for work in self.works if work.name in ("run", "train", "launcher")])
        self.forget(work)
        processes = [self.start(work.arguments) for _ in range(draw.randrange(2, 5))]
        doomed = draw.random() < 0.5
        if doomed:
            time.sleep(draw.uniform(0, work.seconds))
            processes[0].kill()
        for process in processes:
            done = self.finish(process)
            if done.returncode != 0 and not (doomed and process is processes[0]):
                raise Lost(f"{work.name}, {len(processes)} at once: {done.returncode}: {done.stderr.strip()[-300:]}")
        self.counts[f"writers {len(processes)}"] += 1
        self.check_old(work)
        self.check_again(work)

    def cache_damage(self, draw):
        work = self.works[0]
        self.succeed(work.arguments)
        for folder, _, files in os.walk(os.path.join(self.folder, "cache")):
            for name in files:
                path = os.path.join(folder, name)
                if "embeddings" in name and not name.endswith(".lock") and draw.random() < 0.7:
                    inputs.damage(path, path, draw)
        self.counts["damaged cache"] += 1
        self.check_again(work)

    def server(self, draw):
        """A server with faults: what is fetched is what it has, or it is an error, and without faults it is fetched."""
        home = os.path.join(self.folder, "hub")
        if draw.random() < 0.5:
            shutil.rmtree(home, ignore_errors=True)
        self.hub.spoil_from(f"{self.seed} {self.number} hub", draw.choice([0.2, 0.5, 0.9]))
        before = self.hub.spoilt
        process = self.start(["fetch", "model", hub.REPOSITORY])
        if draw.random() < 0.3:
            time.sleep(draw.uniform(0, 0.5))
            process.kill()
            process.communicate()
        else:
            self.refused(self.finish(process))
        self.counts["server faults"] += self.hub.spoilt - before
        self.check_fetched()
        self.hub.spoil_from("", 0)
        self.succeed(["fetch", "model", hub.REPOSITORY])
        if self.check_fetched() == 0:
            raise Lost("nothing was fetched")

    def check_fetched(self):
        """No file that a snapshot leads to differs from the server's."""
        found = 0
        for folder, _, files in os.walk(os.path.join(self.folder, "hub")):
            for name in files:
                if "/snapshots/" in folder and name in self.hub.files:
                    found += 1
                    with open(os.path.join(folder, name), "rb") as file:
                        if file.read() != self.hub.files[name]:
                            raise Lost(f"fetched {name} is not the server's")
        return found

    def mutant(self, draw):
        """A damaged file of each format in turn, read by all that reads it."""
        source, target, verbs = draw.choice(inputs.READERS)
        inputs.damage(os.path.join(self.folder, source), os.path.join(self.folder, target), draw)
        verb = draw.choice(verbs)
        done = self.do(verb, cache="other")
        is_refused = self.refused(done)
        if not is_refused and source == inputs.RESULT and self.told(verb, done) != self.printed[tuple(verb)]:
            raise Lost(f"{' '.join(verb)}: a damaged result, exit code 0, and another output")
        self.counts["mutants refused" if is_refused else "mutants read"] += 1
        self.counts[f"mutant {os.path.splitext(target)[1]}"] += 1

    def go(self, seconds):
        kinds = [(self.kill, 16), (self.signals, 6), (self.writers, 3), (self.cache_damage, 1), (self.server, 8),
                 (self.mutant, 200)]
        if os.geteuid() == 0 and shutil.which("mount"):
            os.makedirs(os.path.join(self.folder, "disk"), exist_ok=True)
            kinds.append((self.full_disk, 6))
        else:
            print("full disks are left out: mounting a small one needs root", flush=True)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.number += 1
            draw = random.Random(f"{self.seed} {self.number}")
            kind = draw.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
            try:
                kind(draw)
            except Lost as problem:
                self.lost.append(f"disturbance {self.number} of seed {self.seed}: {problem}")
                print("LOST: " + self.lost[-1], flush=True)
        # What wasn't measured is no success.
        words = {"signals": "signal", "cache_damage": "damaged cache", "full_disk": "full disk"}
        measured = [name for name, count in self.counts.items() if count > 0]
        return [kind.__name__ for kind, _ in kinds
                if not any(name.startswith(words.get(kind.__name__, kind.__name__)) for name in measured)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--bellm", default=os.path.join(ROOT, ".build/release/bellm"))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bellm-campaign-") as folder:
        campaign = Campaign(os.path.abspath(options.bellm), folder, options.seed)
        campaign.references()
        missing = campaign.go(60 * options.minutes)
    print(f"\n{campaign.number} disturbances in {options.minutes:g} minutes, seed {options.seed}")
    for name, count in sorted(campaign.counts.items()):
        print(f"{name:24} {count:7}")
    print(f"{'lost':24} {len(campaign.lost):7}")
    if missing:
        print("not measured: " + ", ".join(missing))
    sys.exit(1 if campaign.lost or missing else 0)


main()
