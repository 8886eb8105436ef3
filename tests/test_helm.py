"""docs/helm-values.yaml says what docker-compose.yml, airflow.env and the image say: no cluster is needed for that."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
VALUES = yaml.safe_load((ROOT / "docs/helm-values.yaml").read_text())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
ENV = {one["name"]: one["value"] for one in VALUES["env"]}


def test_it_runs_the_image_and_the_airflow_of_this_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert VALUES["images"]["airflow"]["tag"] == project["version"]
    extra = project["optional-dependencies"]["airflow"]
    assert f"apache-airflow=={VALUES['airflowVersion']}" in extra
    assert any("cncf-kubernetes" in package for package in extra)  # without it there is no KubernetesExecutor
    assert {VALUES["uid"], VALUES["gid"]} == {int(uid) for uid in COMPOSE["x-anq"]["user"].split(":")}


def test_what_it_sets_is_what_is_read_and_as_it_is_elsewhere():
    ours = re.findall(r"\"(ANQ_\w+)\"", "".join(path.read_text() for path in (ROOT / "etl").rglob("*.py")))
    ours += re.findall(r"\"(ANQ_\w+)\"", (ROOT / "dags/common.py").read_text())
    assert {name for name in ENV if name.startswith("ANQ_")} <= {*ours}
    everywhere = (line.split("=", 1) for line in (ROOT / "airflow.env").read_text().splitlines() if "=" in line)
    for name, value in everywhere:
        if name in ENV:
            assert (name, ENV[name]) == (name, value)
    compose = COMPOSE["x-airflow"]["environment"]
    command = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD"
    assert ENV[command] == compose[command].replace("$$", "$")
    assert VALUES["secret"][0]["envName"] in ENV[command]


def test_its_tasks_have_the_room_of_a_worker_and_the_home_of_the_image():
    limits = COMPOSE["x-worker"]["deploy"]["resources"]["limits"]
    assert VALUES["workers"]["resources"]["limits"] == {"cpu": limits["cpus"], "memory": f"{limits['memory']}i"}
    [volume], [mount] = VALUES["workers"]["extraVolumes"], VALUES["workers"]["extraVolumeMounts"]
    assert volume["name"] == mount["name"]
    assert f" ANQ_HOME={mount['mountPath']} " in (ROOT / "Dockerfile").read_text()


def test_it_prepares_the_database_and_the_account_as_compose_does():
    init = COMPOSE["services"]["init"]["command"][-1].splitlines()
    args = VALUES["migrateDatabaseJob"]["args"][-1]
    assert args == "; ".join(line for line in init if line.startswith("airflow"))
    path = ENV["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]
    [account] = [line.replace("/data/airflow/passwords.json", path) for line in init if line.startswith("python")]
    assert account in VALUES["apiServer"]["args"][-1].splitlines()
