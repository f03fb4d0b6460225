/* n-step SARSA, plain C, one agent: the last n steps in a ring, returns summed from the newest. */
#include "common.h"

/* q: float [n_states, 4]; rewards: float [steps]; pairs: int32 [steps]; carried: int32 [2]. */
void nstep_steps(const outcome *restrict world, float *restrict q, agent *restrict ag,
                 float *restrict rewards, int32_t *restrict pairs, int32_t *restrict carried,
                 int32_t start, int32_t max_steps, float alpha, float gamma, float epsilon,
                 int32_t steps, int64_t n)
{
    generator g = { ag->rng[0], ag->rng[1] };
    int32_t s = ag->state, length = ag->length, newest = carried[0], a = carried[1];
    int64_t episodes = ag->episodes;
    for (int64_t i = 0; i < n; i++) {
        outcome o = world[4 * (int64_t)s + a];
        int terminated = o.next < 0;
        int32_t s2 = terminated ? ~o.next : o.next;
        int a2 = behave(q + 4 * (int64_t)s2, epsilon, &g);
        float value = terminated ? 0.0f : q[4 * (int64_t)s2 + a2];
        length++;
        rewards[newest] = o.reward;
        pairs[newest] = 4 * s + a;
        int32_t oldest = newest + 1 < steps ? newest + 1 : 0;
        s = s2;
        a = a2;
        if (terminated || length == max_steps) {
            int32_t waiting = length < steps ? length : steps;
            float total = value;
            int32_t k = newest;
            for (int32_t j = 0; j < waiting; j++) {
                rewards[k] = total = rewards[k] + gamma * total;
                k = k > 0 ? k - 1 : steps - 1;
            }
            k = length < steps ? 0 : oldest;
            for (int32_t j = 0; j < waiting; j++) {
                q[pairs[k]] += alpha * (rewards[k] - q[pairs[k]]);
                k = k + 1 < steps ? k + 1 : 0;
            }
            oldest = 0;
            episodes++;
            length = 0;
            s = start;
            a = behave(q + 4 * (int64_t)s, epsilon, &g);
        } else if (length >= steps) {
            float total = value;
            int32_t k = newest;
            for (int32_t j = 0; j < steps; j++) {
                total = rewards[k] + gamma * total;
                k = k > 0 ? k - 1 : steps - 1;
            }
            q[pairs[oldest]] += alpha * (total - q[pairs[oldest]]);
        }
        newest = oldest;
    }
    ag->rng[0] = g.s0; ag->rng[1] = g.s1;
    ag->state = s; ag->length = length; ag->episodes = episodes;
    carried[0] = newest; carried[1] = a;
}
