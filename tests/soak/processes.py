# SPDX-License-Identifier: MIT
"""Processes: those that a session leaves, and those that do not end."""
import ctypes
import fcntl
import os
import signal
import struct
import sys
import termios

CATCHABLE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1,
             signal.SIGUSR2, signal.SIGQUIT, signal.SIGALRM, signal.SIGRTMIN)


def children():
    """Of this process: it is the reaper of all that a session leaves."""
    me = "/proc/self/task/%d/children" % os.getpid()
    with open(me, encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def descendants(pid):
    """A process and those it has started."""
    found = [pid]
    for parent in found:
        try:
            for thread in os.listdir("/proc/%d/task" % parent):
                path = "/proc/%d/task/%s/children" % (parent, thread)
                with open(path, encoding="ascii") as file:
                    found += [int(word) for word in file.read().split()]
        except OSError:
            pass
    return found


def kill_descendant(ancestor, pid, number):
    """Send a signal, unless the process has ended and pid is another's."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    if pid in descendants(ancestor):
        try:
            signal.pidfd_send_signal(pidfd, number)
        except ProcessLookupError:
            pass
    os.close(pidfd)


def read_or(path, otherwise="?"):
    try:
        with open(path, "rb") as file:
            return file.read().replace(b"\0", b" ").decode(
                errors="replace").strip()
    except OSError:
        return otherwise


def queue_of(pid, fd):
    """What is queued at a descriptor of another process, to read or sent."""
    libc = ctypes.CDLL(None, use_errno=True)
    sizes = []
    try:
        pidfd = os.pidfd_open(pid)
        mine = libc.syscall(438, pidfd, int(fd), 0)     # pidfd_getfd
        os.close(pidfd)
        if mine < 0:
            return ""
        for request, word in ((termios.FIONREAD, "to read"),
                              (termios.TIOCOUTQ, "sent")):
            try:
                size = fcntl.ioctl(mine, request, b"\0\0\0\0")
                sizes.append("%d B %s" % (struct.unpack("i", size)[0], word))
            except OSError:
                pass
        os.close(mine)
    except OSError:
        pass
    return ", ".join(sizes)


def describe(pid):
    """Lines on a process that does not end."""
    base = "/proc/%d/" % pid
    lines = ["%d: %s" % (pid, read_or(base + "cmdline")),
             "  in %s, system call %s" % (read_or(base + "wchan"),
                                          read_or(base + "syscall"))]
    lines += ["  " + line for line in
              read_or(base + "stack", "").splitlines()]
    try:
        for fd in sorted(os.listdir(base + "fd"), key=int):
            target = os.readlink(base + "fd/" + fd)
            lines.append("  %s -> %s  %s" % (fd, target, queue_of(pid, fd)))
    except OSError:
        pass
    return lines


def reset_signals():
    """Sockpair inherits what is ignored, but is to die of its signals."""
    for number in CATCHABLE:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def become_reaper():
    """Whatever a session leaves behind becomes a child of this process."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(36, 1, 0, 0, 0) != 0:         # PR_SET_CHILD_SUBREAPER
        sys.exit("soak: prctl: %s" % os.strerror(ctypes.get_errno()))
