/* Q-learning, plain C, one agent after the other: what a compiler makes of the obvious loop.
 *
 * The world is an array of (next state, reward); the sign of the next state marks the end of an
 * episode. Alpha, gamma and epsilon are constant, no statistics but a count of the episodes, an
 * episode ends after max_steps. The generator is xoroshiro128+ (Blackman & Vigna 2018).
 */
#include <stdint.h>

typedef struct { int32_t next; float reward; } outcome;
typedef struct {
    uint64_t rng[2];
    int32_t state, length;
    int64_t episodes;
} agent;

static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static void one_agent(const outcome *world, float *q, agent *ag, int32_t start, int32_t max_steps,
                      float alpha, float gamma, float epsilon, int64_t n)
{
    uint64_t s0 = ag->rng[0], s1 = ag->rng[1];
    int32_t s = ag->state, length = ag->length;
    int64_t episodes = ag->episodes;
    for (int64_t i = 0; i < n; i++) {
        uint64_t bits = s0 + s1;
        s1 ^= s0;
        s0 = rotl(s0, 24) ^ s1 ^ (s1 << 16);
        s1 = rotl(s1, 37);

        float *row = q + 4 * (int64_t)s;
        int a = 0;
        if ((float)(bits >> 40) * 0x1p-24f < epsilon) {
            a = (bits >> 38) & 3;
        } else {
            float best = row[0];
            for (int b = 1; b < 4; b++)
                if (row[b] > best) { best = row[b]; a = b; }
        }
        outcome o = world[4 * (int64_t)s + a];
        int terminated = o.next < 0;
        int32_t s2 = terminated ? ~o.next : o.next;
        const float *row2 = q + 4 * (int64_t)s2;
        float m = row2[0];
        for (int b = 1; b < 4; b++)
            if (row2[b] > m) m = row2[b];
        float target = o.reward + gamma * (terminated ? 0.0f : m);
        row[a] += alpha * (target - row[a]);

        length++;
        s = s2;
        if (terminated || length == max_steps) {
            episodes++;
            length = 0;
            s = start;
        }
    }
    ag->rng[0] = s0; ag->rng[1] = s1;
    ag->state = s; ag->length = length; ag->episodes = episodes;
}

/* agents: [n_agents], rng never all 0; q: float [n_agents, n_states, 4]. */
void scalar_steps(const outcome *world, float *q, agent *agents, int64_t n_agents,
                  int64_t n_states, int32_t start, int32_t max_steps, float alpha, float gamma,
                  float epsilon, int64_t n)
{
    for (int64_t i = 0; i < n_agents; i++)
        one_agent(world, q + 4 * n_states * i, agents + i, start, max_steps, alpha, gamma,
                  epsilon, n);
}
