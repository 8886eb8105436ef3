"""The suite on each Python that is at hand, from the locks that `make test` installs (`make matrix`); `make audit`."""

import nox

nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False

PARALLEL = ("--numprocesses=logical", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """The whole suite, or what stands after `--`."""
    session.env["UV_NO_CACHE"] = "1"
    session.install("--require-hashes", "-r", "requirements.lock", "-r", "requirements-dev.lock")
    session.install("--no-deps", "--editable", ".")
    session.run("pytest", *(session.posargs or PARALLEL))


@nox.session
def audit(session: nox.Session) -> None:
    """What is known against our code, by its look, and against what the locks install, by the Python advisories."""
    session.env["UV_NO_CACHE"] = "1"
    session.install("bandit[toml]==1.9.4", "pip-audit==2.10.1")
    session.run("bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive", "etl", "dags")
    for lock in "requirements.lock", "requirements-dev.lock":
        session.run("pip-audit", "--strict", "--require-hashes", "--disable-pip", "--requirement", lock)
