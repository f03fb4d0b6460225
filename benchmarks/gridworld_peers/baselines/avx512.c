/* Q-learning, 32 agents at a time, AVX-512 intrinsics: the obvious vector loop.
 *
 * As scalar.c, for 16 agents in the lanes of a vector: gather the four values of Q[s], select the
 * action, gather the outcome and the four values of Q[s'], scatter the update. Two vectors are
 * interleaved so that one computes while the other waits for memory. The generator is xorshift32
 * (Marsaglia 2003). Alpha, gamma and epsilon are constant and the same for all agents.
 */
#include <immintrin.h>
#include <stdint.h>

typedef struct { int32_t next; float reward; } outcome;

typedef struct { __m512i rng, state, length, base, episodes; } lanes;

static inline __attribute__((always_inline)) void
one_step(lanes *v, const outcome *world, float *q, __m512i start, __m512i max_steps,
         __m512 alpha, __m512 gamma, __m512 epsilon)
{
    const __m512i one = _mm512_set1_epi32(1), three = _mm512_set1_epi32(3);
    __m512i x = v->rng;
    x = _mm512_xor_si512(x, _mm512_slli_epi32(x, 13));
    x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 17));
    x = _mm512_xor_si512(x, _mm512_slli_epi32(x, 5));
    v->rng = x;

    __m512i local = _mm512_slli_epi32(v->state, 2);
    __m512i row = _mm512_add_epi32(v->base, local);
    __m512 q0 = _mm512_i32gather_ps(row, q, 4), q1 = _mm512_i32gather_ps(row, q + 1, 4);
    __m512 q2 = _mm512_i32gather_ps(row, q + 2, 4), q3 = _mm512_i32gather_ps(row, q + 3, 4);
    __mmask16 k1 = _mm512_cmp_ps_mask(q1, q0, _CMP_GT_OQ);
    __mmask16 k3 = _mm512_cmp_ps_mask(q3, q2, _CMP_GT_OQ);
    __m512 m01 = _mm512_mask_mov_ps(q0, k1, q1), m23 = _mm512_mask_mov_ps(q2, k3, q3);
    __m512i a01 = _mm512_maskz_mov_epi32(k1, one);
    __m512i a23 = _mm512_mask_mov_epi32(_mm512_set1_epi32(2), k3, three);
    __m512i a = _mm512_mask_mov_epi32(a01, _mm512_cmp_ps_mask(m23, m01, _CMP_GT_OQ), a23);
    __m512 u = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_srli_epi32(x, 8)),
                             _mm512_set1_ps(0x1p-24f));
    a = _mm512_mask_and_epi32(a, _mm512_cmp_ps_mask(u, epsilon, _CMP_LT_OQ), x, three);

    __m512i k = _mm512_add_epi32(local, a);
    __m512i next = _mm512_i32gather_epi32(k, (const int *)world, 8);
    __m512 r = _mm512_i32gather_ps(k, (const float *)world + 1, 8);
    __mmask16 ended = _mm512_movepi32_mask(next);
    __m512i s2 = _mm512_mask_xor_epi32(next, ended, next, _mm512_set1_epi32(-1));
    __m512i row2 = _mm512_add_epi32(v->base, _mm512_slli_epi32(s2, 2));
    __m512 m = _mm512_max_ps(
        _mm512_max_ps(_mm512_i32gather_ps(row2, q, 4), _mm512_i32gather_ps(row2, q + 1, 4)),
        _mm512_max_ps(_mm512_i32gather_ps(row2, q + 2, 4), _mm512_i32gather_ps(row2, q + 3, 4)));
    __m512 target = _mm512_mask3_fmadd_ps(gamma, m, r, (__mmask16)~ended);
    __mmask16 b0 = _mm512_test_epi32_mask(a, one);
    __mmask16 b1 = _mm512_test_epi32_mask(a, _mm512_set1_epi32(2));
    __m512 old = _mm512_mask_mov_ps(_mm512_mask_mov_ps(q0, b0, q1), b1,
                                    _mm512_mask_mov_ps(q2, b0, q3));
    __m512 updated = _mm512_fmadd_ps(alpha, _mm512_sub_ps(target, old), old);
    _mm512_i32scatter_ps(q, _mm512_add_epi32(row, a), updated, 4);

    v->length = _mm512_add_epi32(v->length, one);
    __mmask16 over = ended | _mm512_cmpeq_epi32_mask(v->length, max_steps);
    v->length = _mm512_mask_mov_epi32(v->length, over, _mm512_setzero_si512());
    v->state = _mm512_mask_mov_epi32(s2, over, start);
    v->episodes = _mm512_mask_add_epi32(v->episodes, over, v->episodes, one);
}

static void load(lanes *v, int32_t *agents, int64_t agent, int64_t n_agents, int64_t entries)
{
    int32_t base[16];
    for (int i = 0; i < 16; i++) base[i] = (int32_t)((agent + i) * entries);
    v->base = _mm512_loadu_si512(base);
    v->rng = _mm512_loadu_si512(agents + agent);
    v->state = _mm512_loadu_si512(agents + n_agents + agent);
    v->length = _mm512_loadu_si512(agents + 2 * n_agents + agent);
    v->episodes = _mm512_loadu_si512(agents + 3 * n_agents + agent);
}

static void store(const lanes *v, int32_t *agents, int64_t agent, int64_t n_agents)
{
    _mm512_storeu_si512(agents + agent, v->rng);
    _mm512_storeu_si512(agents + n_agents + agent, v->state);
    _mm512_storeu_si512(agents + 2 * n_agents + agent, v->length);
    _mm512_storeu_si512(agents + 3 * n_agents + agent, v->episodes);
}

/* agents: int32 [4, n_agents], rows rng (never 0), state, length, episodes; n_agents % 32 == 0;
 * q: float [n_agents, n_states, 4], fewer than 2^31 entries. Blocks of 32 run one after another. */
void vector_steps(const outcome *world, float *q, int32_t *agents, int64_t n_agents,
                  int64_t n_states, int32_t start, int32_t max_steps, float alpha, float gamma,
                  float epsilon, int64_t n)
{
    __m512i start_v = _mm512_set1_epi32(start), max_v = _mm512_set1_epi32(max_steps);
    __m512 alpha_v = _mm512_set1_ps(alpha), gamma_v = _mm512_set1_ps(gamma);
    __m512 epsilon_v = _mm512_set1_ps(epsilon);
    for (int64_t agent = 0; agent < n_agents; agent += 32) {
        lanes v, w;
        load(&v, agents, agent, n_agents, 4 * n_states);
        load(&w, agents, agent + 16, n_agents, 4 * n_states);
        for (int64_t i = 0; i < n; i++) {
            one_step(&v, world, q, start_v, max_v, alpha_v, gamma_v, epsilon_v);
            one_step(&w, world, q, start_v, max_v, alpha_v, gamma_v, epsilon_v);
        }
        store(&v, agents, agent, n_agents);
        store(&w, agents, agent + 16, n_agents);
    }
}
