# The base images for the builds of docs/your-image.md.

# Adds a private CA to the image if the build gets one; otherwise the image is unchanged.
ARG BASE
FROM $BASE AS trusting
RUN --mount=type=secret,id=ca \
    [ ! -s /run/secrets/ca ] || cp /run/secrets/ca /etc/ssl/certs/ca-certificates.crt

# An existing image with Python, pip and an app. Of this project it has only a folder with the wheel,
# where a user's machine has the package index.
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
