"""How many cores this process may use, by what Linux tells it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_ROOT = Path("/")


def cores(root: Path = _ROOT) -> int:
    """Cores that this process may use: those that it may run on, or as many as its cgroups' quota pays for.

    A quota of one and a half counts as 2. https://docs.kernel.org/admin-guide/cgroup-v2.html has cpu.max,
    https://docs.kernel.org/scheduler/sched-bwc.html has cpu.cfs_quota_us.

    Args:
        root: where /proc and /sys are.

    Returns:
        1 at least.
    """
    return min([len(os.sched_getaffinity(0)), *(max(1, math.ceil(quota)) for quota in _quotas(root))])


def _quotas(root: Path) -> Iterator[float]:
    """The quotas of our cgroups and of those above them, in cores."""
    for mount, inside in _mounted(root):
        for folder in (mount / inside, *(mount / inside).parents):
            if (quota := _quota(folder)) is not None:
                yield quota
            if folder == mount:
                break


def _mounted(root: Path) -> Iterator[tuple[Path, PurePosixPath]]:
    """Where the hierarchies that may have a quota are mounted, and where in them this process is."""
    groups = [line.split(":", 2) for line in (root / "proc/self/cgroup").read_text().splitlines()]
    for line in (root / "proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        top, mount = before.split()[3:5]
        kind, _, options = after.split()[:3]
        for _, controllers, path in groups:
            is_v1 = kind == "cgroup" and "cpu" in controllers.split(",") and "cpu" in options.split(",")
            if is_v1 or (kind == "cgroup2" and not controllers):
                at = PurePosixPath(path)
                # in a container the path may be the host's, and the mount its own group
                inside = at.relative_to(top) if at.is_relative_to(top) else PurePosixPath()
                yield root / mount.lstrip("/"), inside


def _quota(folder: Path) -> float | None:
    """The quota of one cgroup; None when it has none."""
    if (v2 := folder / "cpu.max").exists():
        quota, period = v2.read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    if (v1 := folder / "cpu.cfs_quota_us").exists():
        microseconds = int(v1.read_text())
        return None if microseconds < 0 else microseconds / int((folder / "cpu.cfs_period_us").read_text())
    return None
