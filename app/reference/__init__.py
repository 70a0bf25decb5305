"""The reference service: a small FastAPI app that shows what the chart and the runtime promise."""
