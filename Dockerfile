# The image installs itself as `make test` does: the same target, the same lock, the same hashes.
FROM python:3.11-slim-bookworm@sha256:b18992999dbe963a45a8a4da40ac2b1975be1a776d939d098c647482bcad5cba AS python

FROM python AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY Makefile requirements.lock ./
RUN make .venv/locked
COPY . .
RUN make install

FROM python
RUN useradd --uid 10001 --create-home anq && install --directory --owner anq --group anq /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 ANQ_HOME=/data AIRFLOW_HOME=/data/airflow AIRFLOW__CORE__DAGS_FOLDER=/app/dags
USER 10001:10001
VOLUME /data
CMD ["airflow", "version"]
