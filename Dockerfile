# Jikimi in a container: no compiler, no root, nothing written outside /data and /keys.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /app

# The dependencies change seldom: they have a layer of their own. pyaes is plain Python and has no wheel.
COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
    --no-binary pyaes -r requirements.lock

COPY alembic.ini ./
COPY alembic ./alembic
COPY db ./db
COPY monitor ./monitor
COPY api ./api

# /data: config.toml, the Telegram login, the ledger's heads. /keys: the master key and the case keys, backed up apart.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin jikimi \
    && install --directory --owner=jikimi --group=jikimi --mode=0700 /data /keys
USER jikimi
VOLUME ["/data", "/keys"]

EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=8)"]

CMD ["python", "-m", "monitor", "serve", "--config", "/data/config.toml"]
