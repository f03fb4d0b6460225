/* Dyna-Q, plain C, one agent: after each step so many updates of remembered pairs, each drawn
 * uniformly from those seen.
 */
#include "common.h"

/* q: float [n_states, 4]; model: outcome [n_states * 4], next 0 not known, s + 1, or ~s at an end;
 * seen: int32 [n_states * 4]; carried: int32 [1]. */
void dyna_steps(const outcome *restrict world, float *restrict q, agent *restrict ag,
                outcome *restrict model, int32_t *restrict seen, int32_t *restrict carried,
                int32_t start, int32_t max_steps, float alpha, float gamma, float epsilon,
                int32_t planning, int64_t n)
{
    generator g = { ag->rng[0], ag->rng[1] };
    int32_t s = ag->state, length = ag->length, known = carried[0];
    int64_t episodes = ag->episodes;
    for (int64_t i = 0; i < n; i++) {
        int32_t pair = 4 * s + behave(q + 4 * (int64_t)s, epsilon, &g);
        outcome o = world[pair];
        int terminated = o.next < 0;
        int32_t s2 = terminated ? ~o.next : o.next;
        float value = terminated ? 0.0f : highest(q + 4 * (int64_t)s2);
        q[pair] += alpha * (o.reward + gamma * value - q[pair]);
        if (model[pair].next == 0) seen[known++] = pair;
        model[pair].next = terminated ? o.next : o.next + 1;
        model[pair].reward = o.reward;
        for (int32_t j = 0; j < planning; j++) {
            int32_t k = seen[(int32_t)(((draw(&g) >> 32) * (uint64_t)known) >> 32)];
            outcome m = model[k];
            float next = m.next > 0 ? highest(q + 4 * (int64_t)(m.next - 1)) : 0.0f;
            q[k] += alpha * (m.reward + gamma * next - q[k]);
        }
        length++;
        s = s2;
        if (terminated || length == max_steps) {
            episodes++;
            length = 0;
            s = start;
        }
    }
    ag->rng[0] = g.s0; ag->rng[1] = g.s1;
    ag->state = s; ag->length = length; ag->episodes = episodes;
    carried[0] = known;
}
