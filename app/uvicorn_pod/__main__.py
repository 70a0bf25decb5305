"""The command `uvicorn-pod`, also as `python -m uvicorn_pod`.

SIGTERM is handled before the imports of the command, which take a few tenths of a second.
"""

from uvicorn_pod import process_exit


def main() -> None:
    """Runs the command. The process then ends soon, even if threads of the app still run."""
    process_exit.sigterm_handler.install()
    try:
        from uvicorn_pod.cli import main as command  # noqa: PLC0415 - after the signal handler

        command()
    except BaseException as error:  # noqa: BLE001 - it is reported, and ends the process
        raise process_exit.ending(error) from None


if __name__ == "__main__":
    main()
