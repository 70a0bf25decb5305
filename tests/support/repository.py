"""Where the repository and the chart are."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "uvicorn"
