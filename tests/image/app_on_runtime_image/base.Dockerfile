# What the builds of docs/runtime.md start from.

# Behind a private CA, an image that trusts it; elsewhere the image as it is.
ARG BASE
FROM $BASE AS trusting
RUN --mount=type=secret,id=ca \
    [ ! -s /run/secrets/ca ] || cp /run/secrets/ca /etc/ssl/certs/ca-certificates.crt

# An image that somebody has: Python, pip and an app, and nothing of ours but where to find it, which
# on a user's machine is the package index.
FROM trusting AS existing
ENV PATH=/venv/bin:$PATH PIP_PYTHON=/venv/bin/python PIP_FIND_LINKS=/wheels
RUN PIP_PYTHON= python3 -m venv --without-pip /venv
WORKDIR /app
COPY tests/image/app_on_runtime_image/requirements.txt .
RUN pip install --quiet --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml /src/
COPY app/uvicorn_pod /src/app/uvicorn_pod
RUN cd /src && /usr/bin/python3 -c 'from setuptools import build_meta; build_meta.build_wheel("/wheels")'
COPY tests/image/app_on_runtime_image/shop shop
USER 65532
