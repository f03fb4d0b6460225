"""`gridworld-bench worlds`: the worlds that have a name."""

from typing import TYPE_CHECKING, Any

import click

from gridworld_cli.options import as_json
from gridworld_cli.report import print_json, table
from gridworld_cli.rules import describe_rewards

if TYPE_CHECKING:
    from gridworld import GridWorld

__all__ = ["worlds"]

MAZE = "maze-N[:SEED]"


@click.command()
@as_json("the list")
def worlds(as_json: bool) -> None:
    """List the named worlds."""
    import gridworld as gw
    from gridworld.processes import PROCESSES, make_process
    from gridworld.worlds import describe

    grids = [(name, gw.make(name), describe(name)) for name in gw.world_names()]
    processes = [(each, make_process(each.example)) for each in PROCESSES.values()]
    if as_json:
        print_json(
            [
                {"name": name, **_of_grid(world), "actions": 4, "description": text}
                for name, world, text in grids
            ]
            + [
                {
                    "name": each.name,
                    **dict.fromkeys(_of_grid(gw.make("default"))),
                    "max_steps": mdp.max_steps or None,
                    "actions": mdp.n_actions,
                    "description": each.says,
                }
                for each, mdp in processes
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
        for name, world, text in grids
    ]
    pays = describe_rewards(gw.make("maze-5"), brief=True)
    rows.append((MAZE, "N x N", "4 x cells", pays, describe("maze-N")))
    table(("name", "size", "max_steps", "rewards", "what it is"), rows, right=(2,))
    click.echo("\nNo grids, for the library and for plans of experiments:\n")
    table(
        ("name", "actions", "what it is"),
        [(each.name, str(mdp.n_actions), each.says) for each, mdp in processes],
        right=(1,),
    )


def _of_grid(world: "GridWorld") -> dict[str, Any]:
    return {
        "width": world.width,
        "height": world.height,
        "max_steps": world.max_steps,
        "rewards": world.rewards.to_json(),
        "slip": world.slip,
        "wind": list(world.wind),
        "portals": len(world.portals),
    }
