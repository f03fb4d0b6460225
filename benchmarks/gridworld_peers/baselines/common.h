/* What the scalar loops share: the world, the agents, the generator, epsilon-greedy behaviour.
 *
 * The world is an array of (next state, reward); the sign of the next state marks the end of an
 * episode. The generator is xoroshiro128+ (Blackman & Vigna 2018).
 */
#include <stdint.h>

typedef struct { int32_t next; float reward; } outcome;
typedef struct {
    uint64_t rng[2];
    int32_t state, length;
    int64_t episodes;
} agent;

typedef struct { uint64_t s0, s1; } generator;

static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline uint64_t draw(generator *g)
{
    uint64_t bits = g->s0 + g->s1;
    g->s1 ^= g->s0;
    g->s0 = rotl(g->s0, 24) ^ g->s1 ^ (g->s1 << 16);
    g->s1 = rotl(g->s1, 37);
    return bits;
}

static inline int behave(const float *row, float epsilon, generator *g)
{
    uint64_t bits = draw(g);
    if ((float)(bits >> 40) * 0x1p-24f < epsilon) return (bits >> 38) & 3;
    int a = 0;
    float best = row[0];
    for (int b = 1; b < 4; b++)
        if (row[b] > best) { best = row[b]; a = b; }
    return a;
}

static inline float highest(const float *row)
{
    float m = row[0];
    for (int b = 1; b < 4; b++)
        if (row[b] > m) m = row[b];
    return m;
}
