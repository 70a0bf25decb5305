"""The paths of the repository and the chart."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "uvicorn"
