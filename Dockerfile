# syntax=docker/dockerfile:1
# The page, on the CPU: docker build -t zslviz . && docker run --rm -p 7860:7860 zslviz   (docs/deploy.md)

FROM python:3.11-slim AS installed
WORKDIR /app
COPY requirements.txt requirements-alone.txt ./
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.txt \
 && /venv/bin/pip install --no-cache-dir --no-deps --ignore-requires-python -r requirements-alone.txt

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 visitor
COPY --from=installed /venv /venv
WORKDIR /app
COPY app.py README.md LICENSE ./
COPY assets assets
COPY checkpoints checkpoints
COPY zslviz zslviz
ENV HOST=0.0.0.0 PORT=7860 PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1
USER visitor
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/gradio_api/startup-events', timeout=4)"]
CMD ["python", "app.py"]
