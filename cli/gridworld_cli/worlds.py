"""`gridworld-bench worlds`: the worlds that have a name."""

import click

from gridworld_cli.options import as_json
from gridworld_cli.report import print_json, table
from gridworld_cli.rules import describe_rewards

__all__ = ["worlds"]

MAZE = "maze-N[:SEED]"


@click.command()
@as_json("the list")
def worlds(as_json: bool) -> None:
    """List the named worlds."""
    import gridworld as gw
    from gridworld.worlds import describe

    found = [(name, gw.make(name), describe(name)) for name in gw.world_names()]
    if as_json:
        print_json(
            [
                {
                    "name": name,
                    "width": world.width,
                    "height": world.height,
                    "max_steps": world.max_steps,
                    "rewards": world.rewards.to_json(),
                    "slip": world.slip,
                    "wind": list(world.wind),
                    "portals": len(world.portals),
                    "description": text,
                }
                for name, world, text in found
            ]
        )
        return
    rows = [
        (
            name,
            f"{world.width} x {world.height}",
            str(world.max_steps or "-"),
            describe_rewards(world, brief=True)
            + (f"; slip {world.slip:.3g}" if world.slip else ""),
            text,
        )
        for name, world, text in found
    ]
    pays = describe_rewards(gw.make("maze-5"), brief=True)
    rows.append((MAZE, "N x N", "4 x cells", pays, describe("maze-N")))
    table(("name", "size", "max_steps", "rewards", "what it is"), rows, right=(2,))
