# One image for identity, planning, the worker and every command: `docker compose build`.
# A release names the base by its digest: --build-arg PYTHON=python:3.11-slim-bookworm@sha256:…
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv --without-pip /opt/rencana
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY workflows workflows
COPY services services
# services/planning/api links to the manifest of trusted documents
COPY graphql graphql
RUN python -m pip wheel --no-deps --wheel-dir /wheels .
RUN python -m pip --python /opt/rencana/bin/python install --constraint constraints.txt /wheels/rencana-*.whl

FROM ${PYTHON}
# compiled when it was installed; the root file system of a running container is read-only
ENV PATH=/opt/rencana/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY --from=build /opt/rencana /opt/rencana
USER 10001:10001
ENTRYPOINT ["rencana"]
CMD ["--help"]
