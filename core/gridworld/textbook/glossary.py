"""What the page and the documents call quantities, and what each of them is, in a sentence.

What a parameter or a view does is said by `gridworld.tables`, and taken from there.
"""

from dataclasses import dataclass
from typing import Final

from gridworld.tables import LAYERS, parameter

__all__ = ["GLOSSARY", "Quantity", "glossary_text", "quantity"]


@dataclass(frozen=True)
class Quantity:
    """Something that is measured or shown.

    Attributes:
        key: Its name in addresses: letters, digits and -.
        title: As the page calls it.
        says: What it is, in one sentence.
        more: What else one should know of it; "": nothing.
        symbol: As books write it.
    """

    key: str
    title: str
    says: str
    more: str = ""
    symbol: str = ""


def _layer(key: str, more: str = "") -> Quantity:
    [layer] = [each for each in LAYERS if each.key == key]
    return Quantity(key.replace("_", "-"), layer.title, f"{layer.says}.", more, layer.symbol)


def _parameter(key: str, more: str = "") -> Quantity:
    found = parameter(key)
    return Quantity(key.replace("_", "-"), found.title, found.says, more, found.symbol)


GLOSSARY: Final = (
    Quantity(
        "episode",
        "Episode",
        "One try, from a start to its end: at a goal, in a pit, or cut off after the most steps.",
        "Episodes are counted from 1; the number shown is that of the one under way.",
    ),
    Quantity(
        "step",
        "Step",
        "One move of the agent, and the one update that it learns from it.",
        "Shown is the number of the last step within its episode.",
    ),
    Quantity(
        "steps-in-all",
        "Steps in all",
        "All steps that were taken since the run began.",
        "With many agents: of all of them together.",
    ),
    Quantity(
        "steps-per-second",
        "Steps/s",
        "How many steps, each with its update, are made a second; of all agents together.",
        "The slider sets how many it may be; without a limit it is what the machine can do.",
    ),
    Quantity(
        "return",
        "Return",
        "All rewards of one episode, added up without discount.",
        "It is what the agent really got, its random moves included: while it explores, even an"
        " agent that knows the best way earns less than the optimum.",
        "G",
    ),
    Quantity(
        "length",
        "Steps per episode",
        "How many steps an episode took until it ended or was cut off.",
    ),
    Quantity(
        "rolling-mean",
        "Rolling mean",
        "The mean of the last 100 episodes, which shows through the ups and downs of single ones.",
        "`mean(100)` on the page. The first hundred points are means of what there was by then.",
    ),
    _parameter(
        "epsilon",
        "It falls from episode to episode, by its decay, down to its lowest value. With several"
        " agents the chart shows their mean.",
    ),
    _parameter(
        "learning_rate",
        "With 1 each update forgets all that came before; towards 0 nothing is learnt. Where moves"
        " or rewards are up to chance, only a small one averages over them.",
    ),
    _parameter(
        "discount_factor",
        "A reward that is n steps away counts \N{GREEK SMALL LETTER GAMMA} to the power of n times:"
        " with 0.9, after 22 steps a tenth is left of it.",
    ),
    Quantity(
        "optimum",
        "Optimum",
        "The most that any policy can expect from the start, discounted, computed exactly.",
        "The limit on the steps of an episode is ignored here.",
        "V*",
    ),
    Quantity(
        "greedy-policy",
        "Greedy policy",
        "What the agent can expect, discounted, if it stops exploring and always takes the action"
        " that it holds for the best; computed exactly.",
    ),
    Quantity(
        "regret",
        "Regret",
        "What the greedy policy gives away: the optimum minus what that policy is worth.",
        "0 means that the policy is optimal, even while the values are still wrong.",
    ),
    Quantity(
        "agreement",
        "Agreement",
        "The share of the cells in which the greedy action is an optimal one.",
        "A policy can be optimal with less than 100 %, since it never comes to some cells.",
    ),
    Quantity(
        "optimal-since",
        "Optimal since",
        "The episode from which on the greedy policy has been optimal without a break.",
    ),
    Quantity(
        "td-error",
        "TD error",
        "How far what was just seen is from what the table said: the target minus the old value.",
        "TD is short for temporal difference. The learning rate says which part of it is added.",
        "\N{GREEK SMALL LETTER DELTA}",
    ),
    _layer("value"),
    _layer("optimal"),
    _layer("difference"),
    _layer("visits"),
    Quantity(
        "interval",
        "Interval of 95 %",
        "Between these two numbers lies the truth, in 95 of 100 such experiments.",
        "It says how surely a mean is known, not how far single agents differ: with four times the"
        " agents it is half as wide.",
    ),
    Quantity(
        "iqm",
        "Interquartile mean",
        "The mean of the agents in the middle: the best and the worst fourth are left out.",
        "As robust as the median, and it needs fewer agents (Agarwal et al. 2021). Of returns with"
        " two peaks, such as 0 and 1, it is one of them: the plain mean tells more there.",
        "IQM",
    ),
    Quantity(
        "difference-to-pin",
        "Difference",
        "How much more return an agent of the present run gets than the same one of the pinned run,"
        " on the average.",
        "Over the last 100 episodes that both runs have behind them, agent by agent: with one seed"
        " both have the same luck. With it stands its interval of 95 % (Student's t). An interval"
        " that does not hold 0 says that the runs do differ.",
    ),
    Quantity(
        "p-better",
        "P(better)",
        "How often an agent of the present run does better than the same one of the pinned run.",
        "50 %: neither is better; a tie counts half. The mean may differ where most agents do not:"
        " look at both. Its interval of 95 % is Wilson's.",
    ),
)
"""All of them, in the order in which the document tells them."""

_BY_KEY: Final = {each.key: each for each in GLOSSARY}


def quantity(key: str) -> Quantity:
    """The quantity of that key."""
    return _BY_KEY[key]


def glossary_text() -> str:
    """All of them as Markdown, one section each."""
    return "\n".join(_section(each) for each in GLOSSARY)


def _section(each: Quantity) -> str:
    symbol = f" ({each.symbol})" if each.symbol else ""
    parts = [f"## {each.title}{symbol}", each.says, *([each.more] if each.more else [])]
    return "".join(f"{part}\n\n" for part in parts).removesuffix("\n")
