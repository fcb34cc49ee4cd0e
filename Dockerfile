# Kring without the embedded PostgreSQL: KRING_DATABASE_URL names the database.
FROM python:3.11-slim AS built
WORKDIR /src
COPY requirements-container.lock ./
RUN python -m venv /opt/kring \
    && /opt/kring/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-container.lock
COPY pyproject.toml README.md LICENSE schema.sql ./
COPY service service
COPY bots bots
COPY handlers handlers
RUN /opt/kring/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
COPY --from=built /opt/kring /opt/kring
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/kring kring
USER 10001
WORKDIR /var/lib/kring
ENV KRING_DATA=/var/lib/kring/data KRING_HTTP=0.0.0.0:8080 PYTHONUNBUFFERED=1
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["/opt/kring/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["/opt/kring/bin/kring"]
CMD ["run"]
