// Training steps for small networks on one thread, channels last, float32: batch norm with its
// activation and the sum of a residual, depthwise convolutions, and the maps' side of
// squeeze-excite, forward and backward. Channels are a multiple of 8.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

typedef float V16 __attribute__((vector_size(64)));
typedef float V8 __attribute__((vector_size(32)));

template <class V> static V load(const float *p) {
    V v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
template <class V> static void store(float *p, V v) { std::memcpy(p, &v, sizeof v); }

// Calls f(V{}, c) for blocks of 16 or 8 channels from c on.
template <class F> static void blocks(int channels, F f) {
    int c = 0;
    for (; c + 16 <= channels; c += 16) f(V16{}, c);
    if (c < channels) f(V8{}, c);
}

enum { NONE, RELU, HARD_SWISH, HARD_SWISH_6 };

template <int ACT, class V> static V activate(V z) {
    V zero = V{}, one = zero + 1.0f;
    if (ACT == RELU) return z > zero ? z : zero;
    if (ACT == NONE) return z;
    V gate = z * (1.0f / 6) + 0.5f;
    gate = gate > zero ? gate : zero;
    V y = z * (gate < one ? gate : one);
    return ACT == HARD_SWISH_6 ? (y < zero + 6.0f ? y : zero + 6.0f) : y;
}

template <int ACT, class V> static V slope(V z) {
    V zero = V{}, one = zero + 1.0f;
    if (ACT == RELU) return z > zero ? one : zero;
    if (ACT == NONE) return one;
    V inside = z * (1.0f / 3) + 0.5f;
    V right = z < zero + 3.0f ? inside : one;
    if (ACT == HARD_SWISH_6) right = z < zero + 6.0f ? right : zero;
    return z > zero - 3.0f ? right : zero;
}

const int CHUNK = 64; // rows that stay in the first-level cache from one block to the next

template <int ACT>
static void norm_forward(const float *x, const float *skip, float *y, int rows, int channels, const float *gamma,
                         const float *beta, float *mean, float *inverse, float *running_mean,
                         float *running_var, float momentum, float epsilon) {
    std::vector<double> sums(channels), squares(channels);
    for (int start = 0; start < rows; start += CHUNK) {
        int end = std::min(start + CHUNK, rows);
        blocks(channels, [&](auto zero, int c) {
            auto sum = zero, square = zero;
            for (int r = start; r < end; r++) {
                auto v = load<decltype(zero)>(x + (long)r * channels + c);
                sum += v;
                square += v * v;
            }
            for (unsigned i = 0; i < sizeof zero / 4; i++) {
                sums[c + i] += sum[i];
                squares[c + i] += square[i];
            }
        });
    }
    std::vector<float> scale(channels), shift(channels);
    for (int c = 0; c < channels; c++) {
        double m = sums[c] / rows, var = std::max(squares[c] / rows - m * m, 0.0);
        mean[c] = m;
        inverse[c] = 1 / std::sqrt(var + epsilon);
        running_mean[c] += momentum * (m - running_mean[c]);
        running_var[c] += momentum * (var * rows / (rows - 1) - running_var[c]);
        scale[c] = gamma[c] * inverse[c];
        shift[c] = beta[c] - mean[c] * scale[c];
    }
    for (int start = 0; start < rows; start += CHUNK) {
        int end = std::min(start + CHUNK, rows);
        blocks(channels, [&](auto zero, int c) {
            using V = decltype(zero);
            V a = load<V>(&scale[c]), b = load<V>(&shift[c]);
            for (long at = (long)start * channels + c; at < (long)end * channels; at += channels)
                store<V>(y + at, activate<ACT>(load<V>(x + at) * a + b) +
                                     (skip ? load<V>(skip + at) : zero));
        });
    }
}

template <int ACT>
static void norm_backward(const float *x, const float *dy, float *dx, int rows, int channels,
                          const float *gamma, const float *beta, const float *mean,
                          const float *inverse, float *dgamma, float *dbeta) {
    std::vector<double> sums(channels), products(channels);
    for (int start = 0; start < rows; start += CHUNK) {
        int end = std::min(start + CHUNK, rows);
        blocks(channels, [&](auto zero, int c) {
            using V = decltype(zero);
            V m = load<V>(mean + c), inv = load<V>(inverse + c);
            V g = load<V>(gamma + c), b = load<V>(beta + c), sum = zero, product = zero;
            for (long at = (long)start * channels + c; at < (long)end * channels; at += channels) {
                V normal = (load<V>(x + at) - m) * inv;
                V d = load<V>(dy + at) * slope<ACT>(normal * g + b);
                sum += d;
                product += d * normal;
            }
            for (unsigned i = 0; i < sizeof zero / 4; i++) {
                sums[c + i] += sum[i];
                products[c + i] += product[i];
            }
        });
    }
    std::vector<float> mean_d(channels), mean_p(channels);
    for (int c = 0; c < channels; c++) {
        dbeta[c] = sums[c];
        dgamma[c] = products[c];
        mean_d[c] = sums[c] / rows;
        mean_p[c] = products[c] / rows;
    }
    for (int start = 0; start < rows; start += CHUNK) {
        int end = std::min(start + CHUNK, rows);
        blocks(channels, [&](auto zero, int c) {
            using V = decltype(zero);
            V m = load<V>(mean + c), inv = load<V>(inverse + c);
            V g = load<V>(gamma + c), b = load<V>(beta + c), factor = g * inv;
            V md = load<V>(&mean_d[c]), mp = load<V>(&mean_p[c]);
            for (long at = (long)start * channels + c; at < (long)end * channels; at += channels) {
                V normal = (load<V>(x + at) - m) * inv;
                V d = load<V>(dy + at) * slope<ACT>(normal * g + b);
                store<V>(dx + at, factor * (d - md - normal * mp));
            }
        });
    }
}

struct Shape {
    int n, height, width, channels, stride, out_height, out_width;
};

// One picture in a frame of K / 2 zeros, its pixels `step` apart.
template <int K>
static void frame(const float *x, float *to, int height, int width, int step, int outer_height,
                  int outer_width, int channels) {
    int outer = outer_width + K - 1;
    std::fill(to, to + (long)(outer_height + K - 1) * outer * channels, 0.0f);
    for (int y = 0; y < height; y++)
        for (int i = 0; i < width; i++) {
            const float *from = x + (long)(y * width + i) * channels;
            float *at = to + (long)((y * step + K / 2) * outer + i * step + K / 2) * channels;
            std::memcpy(at, from, channels * sizeof(float));
        }
}

// y = convolution of the framed picture; weights are [K * K][channels].
template <int K>
static void taps(const float *x, const float *w, float *y, int outer, int stride, int out_height,
                 int out_width, int channels) {
    for (int oy = 0; oy < out_height; oy++)
        for (int ox = 0; ox < out_width; ox += 2)
            blocks(channels, [&](auto zero, int c) {
                using V = decltype(zero);
                V left = zero, right = zero;
                const float *at = x + (long)(oy * outer + ox) * stride * channels + c;
                bool both = ox + 1 < out_width;
                long next = both ? (long)stride * channels : 0;
#pragma GCC unroll 5
                for (int ky = 0; ky < K; ky++)
#pragma GCC unroll 5
                    for (int kx = 0; kx < K; kx++) {
                        V tap = load<V>(w + (ky * K + kx) * channels + c);
                        const float *pixel = at + (long)(ky * outer + kx) * channels;
                        left += load<V>(pixel) * tap;
                        right += load<V>(pixel + next) * tap;
                    }
                float *out = y + (long)(oy * out_width + ox) * channels + c;
                store<V>(out, left);
                if (both) store<V>(out + channels, right);
            });
}

template <int K> static void depthwise(const float *x, const float *w, float *y, Shape s) {
    int outer = s.width + K - 1;
    std::vector<float> framed((long)(s.height + K - 1) * outer * s.channels);
    long size = (long)s.height * s.width * s.channels;
    long out_size = (long)s.out_height * s.out_width * s.channels;
    for (int n = 0; n < s.n; n++) {
        frame<K>(x + n * size, framed.data(), s.height, s.width, 1, s.height, s.width, s.channels);
        taps<K>(framed.data(), w, y + n * out_size, outer, s.stride, s.out_height, s.out_width,
                s.channels);
    }
}

// dx = convolution of dy, its pixels a stride apart, with the weights turned round.
template <int K>
static void depthwise_back(const float *x, const float *w, const float *dy, float *dx, float *dw,
                           Shape s) {
    int outer = s.width + K - 1, channels = s.channels;
    std::vector<float> framed((long)(s.height + K - 1) * outer * channels);
    std::vector<float> turned(K * K * channels);
    for (int k = 0; k < K * K; k++)
        std::copy(w + k * channels, w + (k + 1) * channels,
                  turned.begin() + (K * K - 1 - k) * channels);
    std::fill(dw, dw + K * K * channels, 0.0f);
    long size = (long)s.height * s.width * channels;
    long out_size = (long)s.out_height * s.out_width * channels;
    for (int n = 0; n < s.n; n++, x += size, dx += size, dy += out_size) {
        frame<K>(dy, framed.data(), s.out_height, s.out_width, s.stride, s.height, s.width,
                 channels);
        taps<K>(framed.data(), turned.data(), dx, outer, 1, s.height, s.width, channels);
        frame<K>(x, framed.data(), s.height, s.width, 1, s.height, s.width, channels);
        blocks(channels, [&](auto zero, int c) {
            using V = decltype(zero);
            V sums[K * K];
#pragma GCC unroll 25
            for (int k = 0; k < K * K; k++) sums[k] = load<V>(dw + k * channels + c);
            for (int oy = 0; oy < s.out_height; oy++)
                for (int ox = 0; ox < s.out_width; ox++) {
                    V d = load<V>(dy + (long)(oy * s.out_width + ox) * channels + c);
                    const float *at =
                        framed.data() + (long)(oy * outer + ox) * s.stride * channels + c;
#pragma GCC unroll 5
                    for (int ky = 0; ky < K; ky++)
#pragma GCC unroll 5
                        for (int kx = 0; kx < K; kx++)
                            sums[ky * K + kx] +=
                                d * load<V>(at + (long)(ky * outer + kx) * channels);
                }
#pragma GCC unroll 25
            for (int k = 0; k < K * K; k++) store<V>(dw + k * channels + c, sums[k]);
        });
    }
}

// sums[n][c] = sum over the pixels of x * y, or of x alone.
static void sums(const float *x, const float *y, float *to, int n, int pixels, int channels) {
    for (; n > 0; n--, x += (long)pixels * channels, to += channels) {
        blocks(channels, [&](auto sum, int c) {
            using V = decltype(sum);
            for (long at = c; at < (long)pixels * channels; at += channels)
                sum += y ? load<V>(x + at) * load<V>(y + at) : load<V>(x + at);
            store<V>(to + c, sum);
        });
        if (y) y += (long)pixels * channels;
    }
}

// y = x * gate[n][c] + more[n][c]
static void scale(const float *x, const float *gate, const float *more, float *y, int n, int pixels,
                  int channels) {
    for (int i = 0; i < n; i++)
        blocks(channels, [&](auto zero, int c) {
            using V = decltype(zero);
            V a = load<V>(gate + (long)i * channels + c);
            V b = more ? load<V>(more + (long)i * channels + c) : zero;
            long start = (long)i * pixels * channels + c, end = start + (long)pixels * channels;
            for (long at = start; at < end; at += channels)
                store<V>(y + at, load<V>(x + at) * a + b);
        });
}

#define BY_ACTIVATION(function, act, ...)                                                          \
    (act == RELU ? function<RELU>(__VA_ARGS__)                                                     \
                 : act == NONE ? function<NONE>(__VA_ARGS__)                                          \
                 : act == HARD_SWISH ? function<HARD_SWISH>(__VA_ARGS__)                              \
                                     : function<HARD_SWISH_6>(__VA_ARGS__))
#define BY_KERNEL(function, k, ...) (k == 3 ? function<3>(__VA_ARGS__) : function<5>(__VA_ARGS__))

extern "C" {
void fast_norm(int act, const float *x, const float *skip, float *y, int rows, int channels,
               const float *gamma, const float *beta, float *mean, float *inverse,
               float *running_mean, float *running_var, float momentum, float epsilon) {
    BY_ACTIVATION(norm_forward, act, x, skip, y, rows, channels, gamma, beta, mean, inverse,
                  running_mean, running_var, momentum, epsilon);
}
void fast_norm_back(int act, const float *x, const float *dy, float *dx, int rows, int channels,
                    const float *gamma, const float *beta, const float *mean,
                    const float *inverse, float *dgamma, float *dbeta) {
    BY_ACTIVATION(norm_backward, act, x, dy, dx, rows, channels, gamma, beta, mean, inverse,
                  dgamma, dbeta);
}
void fast_sums(const float *x, const float *y, float *to, int n, int pixels, int channels) {
    sums(x, y, to, n, pixels, channels);
}
void fast_scale(const float *x, const float *gate, const float *more, float *y, int n, int pixels,
                int channels) {
    scale(x, gate, more, y, n, pixels, channels);
}
void fast_depthwise(int k, const float *x, const float *w, float *y, Shape s) {
    BY_KERNEL(depthwise, k, x, w, y, s);
}
void fast_depthwise_back(int k, const float *x, const float *w, const float *dy, float *dx,
                         float *dw, Shape s) {
    BY_KERNEL(depthwise_back, k, x, w, dy, dx, dw, s);
}
}
