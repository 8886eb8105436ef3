"""docker-compose.yml, as a compose tool reads it: no engine is needed for that."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SECRETS = re.findall(r"^([A-Z_]+)=$", (ROOT / ".env.example").read_text(), re.MULTILINE)
TEAM_SECRETS = re.findall(r"^#([A-Z_]+)=$", (ROOT / ".env.example").read_text(), re.MULTILINE)
DEFAULT = {"postgres", "init", "api-server", "scheduler", "dag-processor", "triggerer"}
TEAM = {"redis", "s3", "s3-volume", "worker-1", "worker-2"}
READERS = {"explorer", "sql"}
ENDS = {"init", "s3-volume"}


@pytest.fixture(scope="session")
def compose():
    """The compose tool: the engine's plugin, or the command of its own."""
    tools = [["docker", "compose"], ["docker-compose"]]
    for tool in tools:
        if (
            shutil.which(tool[0])
            and subprocess.run([*tool, "version"], check=False, capture_output=True).returncode == 0
        ):
            return tool
    pytest.skip("neither `docker compose` nor `docker-compose` is installed (Debian: apt-get install docker-compose)")


@pytest.fixture(scope="session")
def config(compose, tmp_path_factory):
    """Reads docker-compose.yml with these settings and no others."""

    def read(settings):
        env_file = tmp_path_factory.mktemp("compose") / ".env"
        env_file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        command = [*compose, "--env-file", env_file, "-f", ROOT / "docker-compose.yml", "config"]
        path = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
        return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=path)

    return read


@pytest.fixture(scope="session")
def filled():
    return {name: f"filled{number}" for number, name in enumerate([*SECRETS, *TEAM_SECRETS])}


@pytest.fixture(scope="session")
def services(config, filled):
    done = config(filled)
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["services"]


def test_there_are_secrets_to_fill_in():
    assert len(SECRETS) == 5
    assert set(TEAM_SECRETS) >= {"REDIS_PASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def test_the_team_is_a_profile_and_needs_no_secret_of_it_otherwise(config, filled, services):
    assert {name for name, service in services.items() if service.get("profiles") == ["team"]} == TEAM
    done = config({name: value for name, value in filled.items() if name in SECRETS})
    assert done.returncode == 0, done.stderr
    executors = {service["environment"].get("AIRFLOW__CORE__EXECUTOR") for service in services.values()}
    assert executors == {"LocalExecutor", None}
    done = config({**filled, "ANQ_EXECUTOR": "CeleryExecutor"})
    chosen = yaml.safe_load(done.stdout)["services"]["scheduler"]["environment"]["AIRFLOW__CORE__EXECUTOR"]
    assert chosen == "CeleryExecutor"


def test_a_part_of_the_team_refuses_an_empty_secret(services):
    """A tool fills in the whole file, whatever the profile: so each container looks for itself."""
    for name, secret in (
        ("redis", "REDIS_PASSWORD"),
        ("s3", "AWS_SECRET_ACCESS_KEY"),
        ("worker-1", "REDIS_PASSWORD"),
        ("explorer", "ANQ_TOKEN"),
        ("sql", "ANQ_TOKEN"),
    ):
        script = services[name]["command"][-1].replace("$$", "$").split("|")[0].splitlines()
        script = "\n".join(line for line in script if not line.startswith("exec"))
        done = subprocess.run(["bash", "-euc", script], env={secret: ""}, check=False, capture_output=True, text=True)
        assert done.returncode != 0, name
        assert "fill it in .env" in done.stderr


def test_workers_share_no_disk(services):
    volumes = [service["volumes"] for name, service in services.items() if name.startswith("worker")]
    assert len({str(volume) for volume in volumes}) == len(volumes) == 2
    assert all(service["read_only"] for name, service in services.items() if name in TEAM - ENDS)


def test_readers_cannot_write_the_home(services):
    assert {name for name, service in services.items() if service.get("profiles") == ["readers"]} == READERS
    for name in READERS:
        [volume] = services[name]["volumes"]
        assert volume["read_only"] if isinstance(volume, dict) else volume.endswith(":ro")


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_starts_without_a_secret(config, filled, secret):
    done = config({**filled, secret: ""})
    assert done.returncode != 0
    assert "fill it in .env" in done.stderr


def test_no_secret_but_those_of_the_env_file(services, filled):
    secret = re.compile(r"PASSWORD|SECRET|TOKEN|ACCESS_KEY|BROKER|BACKEND|FERNET|AIRFLOW_DATABASE|SQL_ALCHEMY_CONN$")
    for service in services.values():
        for name, value in service["environment"].items():
            if secret.search(name) and not name.endswith("_FILE"):
                assert any(given in value for given in filled.values()), name


def test_the_parts_of_airflow_share_their_secrets(services):
    ours = [
        service for name, service in services.items() if service["image"].startswith("anq:") and name not in READERS
    ]
    parts = [service["environment"] for service in ours]
    assert len(parts) == 8
    for name in ("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY"):
        assert len({part[name] for part in parts}) == 1


def test_ports_are_this_machines_only(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    for port in ports:
        host = port["host_ip"] if isinstance(port, dict) else port.partition(":")[0]
        assert host == "127.0.0.1"


def test_every_service_is_watched_restarted_and_bounded(services):
    assert set(services) == DEFAULT | TEAM | READERS
    for name, service in services.items():
        assert service["user"].partition(":")[0] not in {"", "0", "root"}
        assert service["logging"]["options"]["max-size"]
        assert service["deploy"]["resources"]["limits"]["memory"]
        if name in ENDS:
            assert service["restart"] == "no"
        else:
            assert service["restart"] == "unless-stopped"
            assert service["healthcheck"]["test"]


def test_images_of_others_are_named_by_their_digest(services):
    images = {service["image"] for service in services.values() if not service["image"].startswith("anq:")}
    assert len(images) == 3
    assert all(re.fullmatch(r"[a-z/]+:[\w.-]+@sha256:[0-9a-f]{64}", image) for image in images)


def test_airflow_starts_after_its_database_is_made(services):
    made = {"postgres": "service_healthy", "init": "service_completed_successfully"}
    for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
        waits_for = {on: how["condition"] for on, how in services[name]["depends_on"].items()}
        assert waits_for == made | ({"api-server": "service_healthy"} if name == "scheduler" else {})


def test_the_image_is_installed_by_the_steps_that_ci_runs(services):
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^RUN (make .*)$", dockerfile, re.MULTILINE) == ["make .venv/locked", "make install"]
    assert re.search(r"^USER 10001:10001$", dockerfile, re.MULTILINE)
    assert services["scheduler"]["user"] == "10001:10001"
    makefile = (ROOT / "Makefile").read_text()
    assert "\ntest: develop " in makefile
    assert "\n.venv/developed: .venv/installed " in makefile
    assert "make test" in (ROOT / ".ci/run").read_text().splitlines()
