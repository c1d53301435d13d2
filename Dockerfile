# Debian slim, because z3 has no wheel for musl; trixie, because its arm64 wheel needs glibc 2.38.
# To pin the base: `docker buildx imagetools inspect python:3.13-slim-trixie` prints the digest that
# goes behind the tag as `@sha256:…`, in both lines; Dependabot keeps it fresh from then on.
FROM python:3.13-slim-trixie AS build
COPY requirements.txt /tmp/requirements.txt
# The headers and the program of z3 are not used: 30 MB less to pull.
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes --only-binary=:all: \
      --requirement /tmp/requirements.txt \
 && rm -rf /opt/venv/bin/z3 /opt/venv/lib/python3*/site-packages/z3/include
COPY checker /action/checker
COPY entrypoint.py LICENSE /action/
RUN /opt/venv/bin/python -m compileall -q /action

FROM python:3.13-slim-trixie
COPY --from=build /opt/venv /opt/venv
COPY --from=build /action /action
# Root, as GitHub asks: another user cannot write the runner's files. `-I` and no shell: the working
# directory is the user's workspace, and an input's name has a hyphen that `sh` would drop.
ENTRYPOINT ["/opt/venv/bin/python", "-I", "/action/entrypoint.py"]
