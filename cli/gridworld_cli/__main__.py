"""`python -m gridworld_cli` is `gridworld-bench`."""

from gridworld_cli.entry import main

if __name__ == "__main__":
    main()
