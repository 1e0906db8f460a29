# SPDX-License-Identifier: MIT
"""Plays sessions, in several processes."""
import os
import re
import shutil
import subprocess
import time
import traceback

from finding import Finding
from processes import become_reaper
from session import play_session


class Worker:
    """Plays sessions, one after the other, in directories of its own."""

    def __init__(self, top, label, make, patience, quiet=False):
        self.top = top
        self.quiet = quiet
        self.label = label      # the name of a session
        self.make = make        # makes the plan of an index
        self.patience = patience
        self.passed = self.failed = 0

    def play(self, index):
        plan = self.make(index)
        name = self.label % index
        directory = os.path.join(self.top, name.replace(":", "-"))
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory)
        os.chdir(directory)
        try:
            play_session(plan, self.patience)
        except Finding as finding:
            self.failed += 1
            self.report(name, plan, str(finding), directory)
            return False
        except subprocess.TimeoutExpired:
            self.failed += 1
            self.report(name, plan, "sockplay does not end", directory)
            return False
        except Exception:       # a fault of the soak itself: say in which
            self.failed += 1
            self.report(name, plan, traceback.format_exc(), directory)
            return False
        finally:
            os.chdir(self.top)
        shutil.rmtree(directory)
        self.passed += 1
        return True

    def report(self, name, plan, finding, directory):
        if self.quiet:
            return
        lines = ["not ok - %s: %s" % (name, finding)]
        lines += ["    " + line for line in plan.describe()]
        lines.append("    its files: %s" % directory)
        if re.fullmatch(r"\d+:\d+", name):
            lines.append("    again: make soak SOAK_FLAGS=--only=%s" % name)
        os.write(1, ("\n".join(lines) + "\n").encode())


def run_worker(worker, first, step, stop, count):
    become_reaper()
    index = first
    while index < count and time.monotonic() < stop:
        worker.play(index)
        index += step
    return worker.passed, worker.failed


def run_jobs(jobs, worker, stop, count):
    """Play the sessions in several processes: how many passed and failed."""
    pipes = []
    for job in range(jobs):
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            try:
                counts = run_worker(worker, job, jobs, stop, count)
                os.write(theirs, b"%d %d" % counts)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.close(theirs)
        pipes.append((pid, ours))
    passed = failed = 0
    for pid, ours in pipes:
        words = b""
        while more := os.read(ours, 100):
            words += more
        os.close(ours)
        os.waitpid(pid, 0)
        if not words:
            failed += 1
            print("not ok - a worker has died")
            continue
        passed += int(words.split()[0])
        failed += int(words.split()[1])
    return passed, failed
