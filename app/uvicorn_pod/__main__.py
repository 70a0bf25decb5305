"""`python -m uvicorn_pod` is `uvicorn-pod`."""

from uvicorn_pod.cli import main

if __name__ == "__main__":
    main()
