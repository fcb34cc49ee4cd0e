"""The command `kring`, also as `python -m service`."""

from service.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
