"""The sandbox that the worker builds around itself before it reads a byte from its parent.

Each part works alone where the system has it: limits of the kernel (all of POSIX), end with the parent (Linux's
PR_SET_PDEATHSIG; on every system a watch on the pipe), and Landlock (Linux ≥ 5.13), which removes the rights to write,
to open ports and to start programs.
"""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys
import threading
from contextlib import suppress

_WATCH_MILLISECONDS = 1000
_FILES = 4096

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

# https://docs.kernel.org/userspace-api/landlock.html
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_VERSION = 1
_EXECUTE, _WRITE_FILE, _REMOVE_AND_MAKE, _REFER, _TRUNCATE = 1 << 0, 1 << 1, 0b1_1111_1111 << 4, 1 << 13, 1 << 14
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


def build(parent: int, memory_limit_mb: int, *, bound: bool) -> bool:
    """Builds the sandbox; returns whether Landlock is part of it.

    `bound`: the thread that started this process lives as long as the parent process.
    """
    landlock = False
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if bound:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        landlock = _deny_changes(libc)
    if os.getppid() != parent:  # the parent ended before the signal was set
        os._exit(1)
    _limit(resource.RLIMIT_DATA, memory_limit_mb << 20)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _FILES)
    return landlock


def _limit(what: int, value: int) -> None:
    with suppress(ValueError, OSError):  # a lower inherited limit stays
        hard = resource.getrlimit(what)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))


def _deny_changes(libc: ctypes.CDLL) -> bool:
    """Handle every right to write and grant none; False where the kernel has no Landlock."""
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    if version < 1:
        return False
    fs = _EXECUTE | _WRITE_FILE | _REMOVE_AND_MAKE
    fs |= _REFER if version >= 2 else 0
    fs |= _TRUNCATE if version >= 3 else 0
    rules = _Ruleset(fs, _TCP_BIND_AND_CONNECT * (version >= 4), _ABSTRACT_SOCKETS_AND_SIGNALS * (version >= 6))
    size = ctypes.c_size_t(ctypes.sizeof(rules))
    ruleset = libc.syscall(_LANDLOCK_CREATE_RULESET, ctypes.byref(rules), size, 0)
    if ruleset < 0:
        return False
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    denied = libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return bool(denied == 0)


def end_with_parent(pipe: int, parent: int) -> None:
    """Watch the pipe from the parent in a thread, and end the process when the other end is closed."""
    threading.Thread(target=_watch, args=(pipe, parent), daemon=True).start()


def _watch(pipe: int, parent: int) -> None:
    poll = select.poll()
    poll.register(pipe, 0)  # without a requested event, only the hang-up is reported
    # A fork of the parent may keep the pipe open after the parent's end: so check the parent's id, too.
    while not poll.poll(_WATCH_MILLISECONDS) and os.getppid() == parent:
        pass
    os._exit(1)
