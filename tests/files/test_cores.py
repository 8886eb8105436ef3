"""Cores by the cgroup's quota, on files as the kernel writes them."""

import os
from pathlib import Path

import pytest

from etl.files.cores import cores

V2 = "31 23 0:28 / /sys/fs/cgroup rw,nosuid,nodev - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "33 31 0:30 {top} /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
OTHER = "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of 16 cores, with these files."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))

    def make(files: dict[str, str]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return make


def v2(path, **quotas):
    files = {f"sys/fs/cgroup/{name.replace('__', '/')}/cpu.max": f"{quota}\n" for name, quota in quotas.items()}
    return {"proc/self/cgroup": f"0::{path}\n", "proc/self/mountinfo": V2 + OTHER, **files}


def v1(path, *, top="/", folder="", quota=-1):
    at = f"sys/fs/cgroup/cpu,cpuacct{folder}"
    return {
        "proc/self/cgroup": f"4:memory:/\n3:cpu,cpuacct:{path}\n1:name=systemd:{path}\n0::/\n",
        "proc/self/mountinfo": OTHER + V1.format(top=top),
        f"{at}/cpu.cfs_quota_us": f"{quota}\n",
        f"{at}/cpu.cfs_period_us": "100000\n",
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (v2("/"), 16),
        (v2("/a", a="max 100000"), 16),
        (v2("/a", a="400000 100000"), 4),
        (v2("/a", a="150000 100000"), 2),
        (v2("/a", a="10000 100000"), 1),
        (v2("/a/b", a="200000 100000", a__b="max 100000"), 2),
        (v2("/a/b", a="800000 100000", a__b="50000 25000"), 2),
        (v2("/a", a="9900000 100000"), 16),
        (v2("/", **{".": "300000 100000"}), 3),
        (v2("/../host", **{".": "300000 100000"}), 3),
        (v1("/", quota=-1), 16),
        (v1("/", quota=300000), 3),
        (v1("/docker/1a2b", top="/docker/1a2b", quota=250000), 3),
        (v1("/docker/1a2b", folder="/docker/1a2b", quota=200000), 2),
        (v1("/elsewhere", top="/docker/1a2b", quota=200000), 2),
    ],
)
def test_cores(machine, files, expected):
    assert cores(machine(files)) == expected


def test_of_this_machine():
    assert 1 <= cores() <= len(os.sched_getaffinity(0))
