"""Leases of GPUs: no two jobs of a host work on the same device, whoever started them.

Snakemake's `--resources gpu=N` says how many GPU jobs run at a time, not which device each of them
takes. So each program takes its devices itself: a device is a lock on a file, which the kernel
lifts when the last process that holds it has ended, in whatever way. Nothing is to be cleaned up
after a job that was killed.
"""

import fcntl
import logging
import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from partparse.errors import InputError

VISIBLE = "CUDA_VISIBLE_DEVICES"
FOLDER = "PARTPARSE_GPU_LOCKS"
LEASED = "PARTPARSE_LEASED_GPUS"  # set for children that run a program again: the ranks of one job
TOLD_ON = "PARTPARSE_NO_GPUS"  # the host of which the workflow has told already that it has none
POLL_SECONDS = 0.5

log = logging.getLogger("partparse")


def lease(gpus: int) -> None:
    """Let this process and its children see `gpus` devices, which no other job gets meanwhile.

    To be called before torch is imported, which sees the devices that are visible then. Candidates
    are all devices of the host, or those that CUDA_VISIBLE_DEVICES names; with none of them the job
    runs on the CPU. Waits until enough are free. What Slurm gave to the job is kept as it is.

    Args:
        gpus: How many devices; 0 hides them all.

    Raises:
        InputError: There are devices, but fewer than asked; CUDA_VISIBLE_DEVICES names one that is
            not there; or the folder of the locks cannot be used.
    """
    if gpus == 0:
        os.environ[VISIBLE] = ""
        return
    if LEASED in os.environ:
        _join(os.environ[LEASED].split(","))
        return
    if "SLURM_JOB_ID" in os.environ and len(_named() or ()) == gpus:
        log.info("GPUs: %s, chosen by Slurm", os.environ[VISIBLE])
        return
    candidates = find_devices()
    if not candidates:
        if os.environ.get(TOLD_ON) != os.uname().nodename:
            log.info("GPUs: none to be had, on the CPU")
        os.environ[VISIBLE] = ""
        return
    if gpus > len(candidates):
        raise InputError(f"{gpus} GPUs asked for, but there are {len(candidates)} to choose from")
    try:
        taken = _take(candidates, gpus)
    except OSError as error:
        raise InputError(f"{error}; {FOLDER} may name another folder for locks") from None
    os.environ[VISIBLE] = os.environ[LEASED] = ",".join(taken)
    log.info("GPUs: %s", os.environ[VISIBLE])


def find_devices() -> list[str]:
    """The devices a job may take: those of the host that CUDA_VISIBLE_DEVICES, if set, names.

    They are UUIDs, which are the same for all users and containers of the host; numbers in
    CUDA_VISIBLE_DEVICES are nvidia-smi's. Without nvidia-smi its names stand as they are.

    Raises:
        InputError: CUDA_VISIBLE_DEVICES names a device that is not there.
    """
    present, named = _present(), _named()
    everything = [device for devices in present.values() for device in devices]
    if named is None:
        return everything
    if not present:
        return named
    found: list[str] = []
    for name in named:
        matching = present.get(name) or [device for device in everything if device.startswith(name)]
        if not matching:
            raise InputError(f"{VISIBLE} names {name!r}; nvidia-smi -L lists no such device")
        found += [device for device in matching if device not in found]
    return found


def _named() -> list[str] | None:
    """What CUDA_VISIBLE_DEVICES names, each once; None where it is not set."""
    value = os.environ.get(VISIBLE)
    if value is None:
        return None
    names = dict.fromkeys(entry.strip() for entry in value.split(","))
    return [name for name in names if name not in ("", "-1")]


def _present() -> dict[str, list[str]]:
    """{number: UUIDs} of the host's GPUs: a GPU's own, or those of the parts it is split into."""
    try:
        listed = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):  # no such program, or no driver
        return {}
    present: dict[str, list[str]] = {}
    number = ""
    for line in listed.splitlines():
        if whole := re.match(r"GPU (\d+): .*\(UUID: (GPU-[^)]+)\)", line):
            number = whole[1]
            present[number] = [whole[2]]
        elif part := re.search(r"\(UUID: (MIG-[^)]+)\)", line):
            of_parts = [device for device in present[number] if device.startswith("MIG-")]
            present[number] = [*of_parts, part[1]]
    return present


def _take(candidates: Sequence[str], gpus: int) -> list[str]:
    """Lock `gpus` of the candidates, all or none of them, until this process ends.

    Who waits holds the gates of all candidates, so that jobs are served in turn: one that needs
    several devices is not passed over for ever by those that need one.
    """
    folder = _lock_folder()
    told = False
    # in one order, or two that wait could wait for each other
    gates = [_open(folder, device, "gate") for device in sorted(candidates)]
    try:
        for gate in gates:
            if not _try(gate, fcntl.LOCK_EX):
                told = told or _tell(gpus, candidates)
                fcntl.flock(gate, fcntl.LOCK_EX)
        while (locks := _try_to_take(folder, candidates, gpus)) is None:
            told = told or _tell(gpus, candidates)
            time.sleep(POLL_SECONDS)
    finally:
        for gate in gates:
            os.close(gate)
    return locks


def _try_to_take(folder: Path, candidates: Sequence[str], gpus: int) -> list[str] | None:
    """The first `gpus` candidates that are free, now locked; None, and no lock, if too few are."""
    locks: dict[str, int] = {}
    for device in candidates:
        lock = _open(folder, device, "lock")
        if not _try(lock, fcntl.LOCK_EX):
            os.close(lock)
            continue
        locks[device] = lock
        if len(locks) == gpus:
            for taken in locks.values():  # left open; shared, so that `_join` may have them too
                fcntl.flock(taken, fcntl.LOCK_SH)
            return list(locks)
    for lock in locks.values():
        os.close(lock)
    return None


def _join(devices: Sequence[str]) -> None:
    """Hold what the parent took as well: a device is free when all ranks of its job have ended."""
    folder = _lock_folder()
    for device in devices:
        if not _try(_open(folder, device, "lock"), fcntl.LOCK_SH):
            raise InputError(
                f"GPU {device}: another job has it, now that the one which took it ended"
            )
    log.info("GPUs: %s, of the program that started this one", ",".join(devices))


def _try(lock: int, kind: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tell(gpus: int, candidates: Sequence[str]) -> bool:
    """Log that the job waits; True."""
    log.info("GPUs: waiting for %d of %s, which other jobs have", gpus, ",".join(candidates))
    return True


def _lock_folder() -> Path:
    """The folder of the locks, the same for all users and runs of this host.

    Not $TMPDIR, which schedulers set for each job. It is locked until this process ends, as
    programs that clean /tmp leave a locked folder alone.
    """
    folder = Path(os.environ.get(FOLDER, "/tmp/partparse-gpus"))
    with suppress(FileExistsError), _for_all_users():
        folder.mkdir(mode=0o1777)
    fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_SH)
    return folder


def _open(folder: Path, device: str, kind: str) -> int:
    """Open the file of a lock, which any user may have made: to read it is enough."""
    path = folder / f"{device.replace('/', '_')}.{kind}"
    with suppress(FileExistsError), _for_all_users():
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o644))
    return os.open(path, os.O_RDONLY)


@contextmanager
def _for_all_users() -> Iterator[None]:
    """Make files with just the permissions that are asked for, whatever the user's umask."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)
