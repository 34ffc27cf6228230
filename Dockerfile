# The image of web, worker and beat. Nothing secret is in it; docker-compose.yml says how it runs.
FROM python:3.13-slim-trixie AS packages
WORKDIR /build
COPY pyproject.toml requirements.txt ./
# Every wheel is checked against its hash in the lock; what production needs is then installed from these wheels alone.
RUN pip wheel --no-deps --require-hashes --wheel-dir wheels -r requirements.txt \
 && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > needed.txt \
 && python -m venv /venv \
 && /venv/bin/pip install --no-index --find-links wheels -r needed.txt

FROM python:3.13-slim-trixie
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 westum \
 && mkdir /data && chown westum /data
COPY --from=packages /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 WESTUM_PRODUCTION=1 WESTUM_DATA=/data
WORKDIR /app
COPY . .
# Static files get their hashed names now; the settings want names of things that this step does not touch.
RUN WESTUM_SECRET_KEY=build WESTUM_HOSTS=localhost WESTUM_MAIL_URL=smtp://localhost \
    WESTUM_DATABASE_URL=postgresql://build WESTUM_REDIS_URL=redis://build \
    python manage.py collectstatic --noinput --verbosity 0
USER westum
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "westum.wsgi:application"]
