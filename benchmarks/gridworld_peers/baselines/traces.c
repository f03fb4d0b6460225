/* SARSA(lambda) with replacing traces, plain C, one agent: a list of the states whose traces count,
 * as this library keeps one, so that a step costs what is eligible. States whose traces have all
 * fallen below 1e-8 are dropped.
 */
#include "common.h"

/* q, e: float [n_states, 4]; list: int32 [n_states]; count: int32 [1]; action: int32 [1]. */
void traces_steps(const outcome *restrict world, float *restrict q, agent *restrict ag,
                  float *restrict e, int32_t *restrict list, int32_t *restrict carried,
                  int32_t start, int32_t max_steps, float alpha, float gamma, float epsilon,
                  float lambda, int64_t n)
{
    generator g = { ag->rng[0], ag->rng[1] };
    int32_t s = ag->state, length = ag->length, count = carried[0], a = carried[1];
    int64_t episodes = ag->episodes;
    const float decay = gamma * lambda;
    for (int64_t i = 0; i < n; i++) {
        outcome o = world[4 * (int64_t)s + a];
        int terminated = o.next < 0;
        int32_t s2 = terminated ? ~o.next : o.next;
        int a2 = behave(q + 4 * (int64_t)s2, epsilon, &g);
        float q_sa = q[4 * (int64_t)s + a];
        float next = terminated ? 0.0f : q[4 * (int64_t)s2 + a2];
        float step = alpha * (o.reward + gamma * next - q_sa);

        int listed = 0;
        for (int32_t k = 0; k < count;) {
            float *restrict row = e + 4 * (int64_t)list[k];
            float *restrict values = q + 4 * (int64_t)list[k];
            float most = 0.0f;
            for (int b = 0; b < 4; b++) {
                row[b] *= decay;
                most = row[b] > most ? row[b] : most;
            }
            if (most < 1e-8f) {
                for (int b = 0; b < 4; b++) row[b] = 0.0f;
                list[k] = list[--count];
                continue;
            }
            for (int b = 0; b < 4; b++) values[b] += step * row[b];
            listed |= list[k] == s;
            k++;
        }
        q[4 * (int64_t)s + a] = q_sa + step;
        e[4 * (int64_t)s + a] = 1.0f;
        if (!listed) list[count++] = s;

        length++;
        s = s2;
        a = a2;
        if (terminated || length == max_steps) {
            for (int32_t k = 0; k < count; k++)
                for (int b = 0; b < 4; b++) e[4 * (int64_t)list[k] + b] = 0.0f;
            count = 0;
            episodes++;
            length = 0;
            s = start;
            a = behave(q + 4 * (int64_t)s, epsilon, &g);
        }
    }
    ag->rng[0] = g.s0; ag->rng[1] = g.s1;
    ag->state = s; ag->length = length; ag->episodes = episodes;
    carried[0] = count; carried[1] = a;
}
