"""python -m memtools: the command line."""

from memtools.cli import main

if __name__ == "__main__":
    main()
