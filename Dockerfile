# Three stages are published as images:
#   build      Python with pip and the runtime's virtual environment; users install their app in it
#   runtime    without a shell, a package manager and an app; the base of a user's image
#   reference  the runtime with the reference service (default)
#
# Behind a private CA, pass its bundle: docker build --secret id=ca,src=ca.crt ...
# Without this secret, apt and pip use the bundle of the ca-certificates package.

ARG BASE_IMAGE=debian:trixie-slim

FROM $BASE_IMAGE AS python
RUN --mount=type=secret,id=ca \
    set -eu; ca=/run/secrets/ca; [ -s $ca ] || ca=/etc/ssl/certs/ca-certificates.crt; \
    apt-get -qq -o Acquire::https::CAInfo=$ca update; \
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::https::CAInfo=$ca install -y \
        --no-install-recommends ca-certificates python3-pip python3-setuptools; \
    rm -rf /var/lib/apt/lists/*

# Unpacks only the Debian packages that Python needs, into a separate root. Each package keeps its
# record, so that scanners see it, and its licence. The runtime itself needs neither libstdc++6 nor
# libsqlite3-0: many wheels need the first, and the standard library's sqlite3 needs the second.
FROM python AS root
WORKDIR /rootfs
RUN --mount=type=secret,id=ca \
    set -eu; ca=/run/secrets/ca; [ -s $ca ] || ca=/etc/ssl/certs/ca-certificates.crt; \
    apt-get -qq -o Acquire::https::CAInfo=$ca update; \
    mkdir /debs; cd /debs; chown _apt .; \
    apt-get -qq -o Acquire::https::CAInfo=$ca download \
        base-files ca-certificates libbz2-1.0 libc6 libexpat1 libffi8 libgcc-s1 liblzma5 \
        libpython3.13-minimal libpython3.13-stdlib libsqlite3-0 libssl3t64 libstdc++6 libuuid1 \
        libzstd1 netbase python3.13-minimal tzdata zlib1g; \
    cd /rootfs; \
    mkdir -p usr/bin usr/lib usr/lib64 usr/sbin var/lib/dpkg/status.d etc/ssl/certs tmp; \
    for name in bin lib lib64 sbin; do ln -s usr/$name $name; done; \
    for deb in /debs/*.deb; do \
        dpkg-deb --fsys-tarfile $deb | tar -x --keep-directory-symlink; \
        dpkg-deb --field $deb > var/lib/dpkg/status.d/$(dpkg-deb --field $deb Package); \
    done; \
    cat usr/share/ca-certificates/mozilla/*.crt > etc/ssl/certs/ca-certificates.crt; \
    mkdir usr/lib/ssl; ln -s /etc/ssl/certs/ca-certificates.crt usr/lib/ssl/cert.pem
RUN set -eu; \
    find usr/share/doc ! -type d ! -name copyright -delete; \
    find usr/share -mindepth 1 -maxdepth 1 \
        ! -name doc ! -name zoneinfo ! -name common-licenses -exec rm -r {} +; \
    rm -r usr/sbin/* usr/lib/*-linux-gnu/gconv usr/lib/python3.13/pydoc_data \
        usr/lib/python3.13/test usr/lib/python3.13/lib-dynload/_test*; \
    rm -r etc/update-motd.d; \
    find usr/bin -mindepth 1 ! -name 'python3*' -delete; \
    find usr etc var -type d -empty -delete; \
    ln -s python3.13 usr/bin/python3; \
    echo 'hosts: files dns' > etc/nsswitch.conf; \
    printf '%s\n' root:x:0:0::/:/nonexistent app:x:65532:65532::/tmp:/nonexistent > etc/passwd; \
    printf '%s\n' root:x:0: app:x:65532: > etc/group; \
    chmod 1777 tmp; \
    python3.13 -m compileall -q -s /rootfs --invalidation-mode unchecked-hash /rootfs/usr/lib/python3.13

# PIP_PYTHON makes Debian's pip install into the virtual environment, which has no pip itself.
FROM python AS dependencies
ENV PATH=/opt/venv/bin:$PATH PIP_PYTHON=/opt/venv/bin/python PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN PIP_PYTHON= /usr/bin/python3.13 -m venv --without-pip /opt/venv
COPY requirements/runtime.txt /src/requirements/
RUN --mount=type=secret,id=ca \
    set -eu; ca=/run/secrets/ca; [ -s $ca ] || ca=/etc/ssl/certs/ca-certificates.crt; \
    pip install --quiet --cert $ca --no-compile --require-hashes \
        -r /src/requirements/runtime.txt; \
    python -m compileall -q --invalidation-mode unchecked-hash /opt/venv

FROM dependencies AS build
COPY pyproject.toml /src/
COPY app/uvicorn_pod /src/app/uvicorn_pod
RUN set -eu; cd /src; \
    /usr/bin/python3 -c 'from setuptools import build_meta; build_meta.build_wheel("/tmp")'; \
    pip install --quiet --no-compile --no-deps --no-index /tmp/uvicorn_pod-*.whl; \
    python -m compileall -q --invalidation-mode unchecked-hash \
        /opt/venv/lib/python3.13/site-packages/uvicorn_pod; \
    rm -r /src /tmp/*

FROM scratch AS runtime
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="uvicorn-pod" \
    org.opencontainers.image.description="Runs any ASGI app as one uvicorn process in a pod" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.source="https://github.com/uvicorn-pod/uvicorn-pod" \
    org.opencontainers.image.version="$VERSION"
COPY --from=root /rootfs /
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:/usr/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 UVICORN_HOST=0.0.0.0
WORKDIR /app
USER 65532:65532
EXPOSE 8000 9000
ENTRYPOINT ["uvicorn-pod"]

# Like a user's own image, but the last stage gets only the files that the runtime does not have.
FROM dependencies AS reference-build
COPY requirements/image.txt /src/requirements/
RUN --mount=type=secret,id=ca \
    set -eu; ca=/run/secrets/ca; [ -s $ca ] || ca=/etc/ssl/certs/ca-certificates.crt; \
    touch /tmp/before; \
    pip install --quiet --cert $ca --no-compile --require-hashes -r /src/requirements/image.txt; \
    mkdir /added; cd /; \
    find opt/venv -newer /tmp/before ! -type d -print0 | tar -c --null -T - | tar -x -C /added; \
    python -m compileall -q -s /added --invalidation-mode unchecked-hash /added
COPY app/reference /added/app/reference
RUN python -m compileall -q -s /added --invalidation-mode unchecked-hash /added/app

FROM runtime AS reference
COPY --from=reference-build /added /
CMD ["reference.main:app"]
