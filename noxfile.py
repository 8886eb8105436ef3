"""The suite on each Python that is at hand, from the locks that `make test` installs: `make matrix`."""

import nox

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
