"""How books write each algorithm: its update, in symbols and in words, and what it is good for."""

from dataclasses import dataclass
from typing import Final

__all__ = ["METHODS", "Method"]


@dataclass(frozen=True)
class Method:
    """An algorithm as a book has it.

    S, A is the pair that was left, R the reward, S', A' what came of it; Q(S', .) is 0 where the
    episode terminated.

    Attributes:
        update: In symbols, a line each.
        words: The same in words.
        good_for: When to take it, and when not.
    """

    update: tuple[str, ...]
    words: str
    good_for: str


METHODS: Final[dict[str, Method]] = {
    "q_learning": Method(
        ("Q(S, A) ← Q(S, A) + α [R + γ max_a Q(S', a) − Q(S, A)]",),
        "Move the value of what was done towards the reward and the best that can be done next.",
        "The first thing to try. It learns the optimal policy while it explores, and so does not"
        " mind what exploring costs: on the cliff it walks along the edge. With noisy rewards its"
        " maximum is too high (see Double Q-learning).",
    ),
    "sarsa": Method(
        ("Q(S, A) ← Q(S, A) + α [R + γ Q(S', A') − Q(S, A)]",),
        "Move it towards the reward and the value of the action that is really taken next.",
        "When what is earned while learning counts: it learns how much its own exploration costs,"
        " and keeps away from the cliff. On a process with one action it is TD(0).",
    ),
    "expected_sarsa": Method(
        ("Q(S, A) ← Q(S, A) + α [R + γ Σ_a π(a | S') Q(S', a) − Q(S, A)]",),
        "Move it towards the reward and the mean over what may be done next.",
        "As SARSA, without the chance in the next action: it takes large learning rates, up to 1"
        " where the world is deterministic.",
    ),
    "double_q_learning": Method(
        (
            "with probability 1/2:",
            "Q₁(S, A) ← Q₁(S, A) + α [R + γ Q₂(S', argmax_a Q₁(S', a)) − Q₁(S, A)]",
            "else the same with Q₁ and Q₂ exchanged",
        ),
        "One table picks the best next action, the other says what it is worth; a coin says which"
        " of them learns.",
        "Rewards by chance, where the maximum of noisy values lures Q-learning: the noise that"
        " picked an action is not the one that rates it. It learns at half the pace.",
    ),
    "sarsa_lambda": Method(
        (
            "δ = R + γ Q(S', A') − Q(S, A)",
            "E(S, A) ← E(S, A) + 1 (accumulating), 1 (replacing), (1 − α) E(S, A) + 1 (dutch)",
            "Q(s, a) ← Q(s, a) + α δ E(s, a) for all s, a",
            "E(s, a) ← γ λ E(s, a)",
        ),
        "Every surprise moves all pairs that led to it, by a trace that fades with each step;"
        " with dutch traces (True Online) a small correction makes it equal the on-line"
        " λ-return.",
        "Rewards that come late: one episode teaches the whole way to the goal. Replacing and dutch"
        " traces bear larger learning rates than accumulating ones.",
    ),
    "q_lambda": Method(
        (
            "δ = R + γ max_a Q(S', a) − Q(S, A)",
            "Q(s, a) ← Q(s, a) + α δ E(s, a) for all s, a",
            "E(s, a) ← γ λ E(s, a), or 0 if the next action explores",
        ),
        "As SARSA(λ) towards the best next value, as far back as nothing but greedy actions go.",
        "Q-learning with late rewards, where exploration is rare: each exploratory action cuts the"
        " traces.",
    ),
    "n_step_sarsa": Method(
        (
            "G = R₁ + γ R₂ + … + γⁿ⁻¹ Rₙ + γⁿ Q(Sₙ, Aₙ)",
            "Q(S₀, A₀) ← Q(S₀, A₀) + α [G − Q(S₀, A₀)]",
        ),
        "Wait n steps, then move the oldest value towards what they paid and the value of where"
        " they led; at the end of an episode the shorter returns.",
        "Between SARSA (n = 1) and Monte Carlo (n beyond the episode): some steps in the middle"
        " are best nearly always. On a process with one action it is n-step TD.",
    ),
    "n_step_tree_backup": Method(
        (
            "Gₜ = Rₜ₊₁ + γ Σ_{a ≠ Aₜ₊₁} π(a | Sₜ₊₁) Q(Sₜ₊₁, a) + γ π(Aₜ₊₁ | Sₜ₊₁) Gₜ₊₁",
            "Q(Sₜ, Aₜ) ← Q(Sₜ, Aₜ) + α [Gₜ − Q(Sₜ, Aₜ)]",
        ),
        "n steps deep, the actions that were not taken count with their present values, each by"
        " its probability.",
        "Several steps at once without importance sampling; n = 1 is Expected SARSA.",
    ),
    "monte_carlo": Method(
        (
            "G = R₁ + γ R₂ + γ² R₃ + … to the end of the episode",
            "Q(S, A) ← Q(S, A) + α [G − Q(S, A)] at every visit",
        ),
        "At the end of an episode, move each value towards what really came after it.",
        "Short episodes, and worlds that are not quite Markov: it believes no other value. What"
        " it learns from is noisy, and comes late.",
    ),
    "dyna_q": Method(
        (
            "Q(S, A) ← Q(S, A) + α [R + γ max_a Q(S', a) − Q(S, A)]",
            "Model(S, A) ← R, S'",
            "n times: the same update for a pair seen before, with what the model says",
        ),
        "Learn from the step, remember its outcome, and learn again from n outcomes remembered.",
        "Where steps are dear and thinking is cheap: far fewer episodes for the same policy, in a"
        " world that answers always alike. If the world changes it may stay wrong for long.",
    ),
    "dyna_q_plus": Method(
        (
            "as Dyna-Q, but in planning the reward is R + κ √τ,",
            "τ the steps since the pair was last tried; actions never tried lead back, with R = 0",
        ),
        "What has not been tried for long is imagined to pay more, so that it is tried again.",
        "Worlds that change, for the worse or the better: it finds the shortcut. The restlessness"
        " costs a little for ever.",
    ),
    "prioritized_sweeping": Method(
        (
            "P = |R + γ max_a Q(S', a) − Q(S, A)|; if P > θ, into the queue with priority P",
            "n times: update the first of the queue by the model, then judge its predecessors",
        ),
        "Plan where values have just changed most, and backwards from there.",
        "Large deterministic worlds with few rewards: planning is spent where it changes"
        " something, 5 to 10 times less of it than Dyna-Q needs.",
    ),
}
"""Name of an algorithm to what is said of it; some may be of algorithms yet to come."""
