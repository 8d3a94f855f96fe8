// The sums of convolution_winograd.h in one dimension: of the pixels that `side` outputs read, of filters of 3, and back. Included by
// convolution_tile.h, once for each scalar type and width.
//
// They come from polynomials' values at some points: at 0, 1, −1 and infinity for two outputs, at 0, ±5/8, ±3/2 and infinity for four.
// With these the errors of four are half of those with 0, ±1 and ±2, as measured and as found by Barabasz, Anderson, Soodhalter and
// Gregg ("Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020), and their squares are exact.

/// The points beside 0 and infinity for four outputs, their squares, and by what their sums of filters are divided.
#define NEAR ((T)0.625)
#define FAR ((T)1.5)
#define NEAR_SQUARE (NEAR * NEAR)
#define FAR_SQUARE (FAR * FAR)
#define OF_NONE ((T)1 / (NEAR_SQUARE * FAR_SQUARE))
#define OF_NEAR ((T)0.5 / (NEAR_SQUARE * (NEAR_SQUARE - FAR_SQUARE)))
#define OF_FAR ((T)0.5 / (FAR_SQUARE * (FAR_SQUARE - NEAR_SQUARE)))

/// Bᵀ d, in place; numbers are `step` apart.
TARGET static inline __attribute__((always_inline)) void NAME(line_of_pixels)(const int side, NAME(vector) * d, const int step) {
  const NAME(vector) d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
  if (side == 2) {
    d[0] = d0 - d2, d[step] = d1 + d2, d[2 * step] = d2 - d1, d[3 * step] = d1 - d3;
  } else {
    const NAME(vector) d4 = d[4 * step], d5 = d[5 * step];
    const NAME(vector) near = d4 - FAR_SQUARE * d2, far = d4 - NEAR_SQUARE * d2;
    const NAME(vector) odd_near = d3 - FAR_SQUARE * d1, odd_far = d3 - NEAR_SQUARE * d1;
    d[0] = far + FAR_SQUARE * (NEAR_SQUARE * d0 - d2);
    d[step] = near + NEAR * odd_near, d[2 * step] = near - NEAR * odd_near;
    d[3 * step] = far + FAR * odd_far, d[4 * step] = far - FAR * odd_far;
    d[5 * step] = d5 - NEAR_SQUARE * d3 - FAR_SQUARE * odd_far;
  }
}

/// Aᵀ m.
TARGET static inline __attribute__((always_inline)) void NAME(line_of_tile)(const int side, const NAME(vector) * m, const int step,
                                                                     NAME(vector) * y, const int y_step) {
  const NAME(vector) sum = m[step] + m[2 * step], difference = m[step] - m[2 * step];
  if (side == 2) {
    y[0] = m[0] + sum, y[y_step] = difference - m[3 * step];
  } else {
    const NAME(vector) far = m[3 * step] + m[4 * step], far_difference = m[3 * step] - m[4 * step];
    y[0] = m[0] + (sum + far);
    y[y_step] = NEAR * difference + FAR * far_difference;
    y[2 * y_step] = NEAR_SQUARE * sum + FAR_SQUARE * far;
    y[3 * y_step] = m[5 * step] + (NEAR * NEAR_SQUARE * difference + FAR * FAR_SQUARE * far_difference);
  }
}

/// A g.
TARGET static inline __attribute__((always_inline)) void NAME(line_of_cotangent)(const int side, const NAME(vector) * g, const int step,
                                                                          NAME(vector) * m, const int m_step) {
  const NAME(vector) g0 = g[0], g1 = g[step];
  m[0] = g0;
  if (side == 2) {
    m[m_step] = g0 + g1, m[2 * m_step] = g0 - g1, m[3 * m_step] = -g1;
  } else {
    const NAME(vector) g2 = g[2 * step], g3 = g[3 * step];
    const NAME(vector) near = g0 + NEAR_SQUARE * g2, odd_near = NEAR * (g1 + NEAR_SQUARE * g3);
    const NAME(vector) far = g0 + FAR_SQUARE * g2, odd_far = FAR * (g1 + FAR_SQUARE * g3);
    m[m_step] = near + odd_near, m[2 * m_step] = near - odd_near;
    m[3 * m_step] = far + odd_far, m[4 * m_step] = far - odd_far;
    m[5 * m_step] = g3;
  }
}

/// F w.
TARGET static inline __attribute__((always_inline)) void NAME(line_of_filter)(const int side, const NAME(vector) * w, const int step,
                                                                       NAME(vector) * u, const int u_step) {
  const NAME(vector) w0 = w[0], w1 = w[step], w2 = w[2 * step];
  if (side == 2) {
    const NAME(vector) ends = (w0 + w2) * (T)0.5, middle = w1 * (T)0.5;
    u[0] = w0, u[u_step] = ends + middle, u[2 * u_step] = ends - middle, u[3 * u_step] = w2;
  } else {
    const NAME(vector) near = OF_NEAR * (w0 + NEAR_SQUARE * w2), odd_near = (OF_NEAR * NEAR) * w1;
    const NAME(vector) far = OF_FAR * (w0 + FAR_SQUARE * w2), odd_far = (OF_FAR * FAR) * w1;
    u[0] = OF_NONE * w0;
    u[u_step] = near + odd_near, u[2 * u_step] = near - odd_near;
    u[3 * u_step] = far + odd_far, u[4 * u_step] = far - odd_far;
    u[5 * u_step] = w2;
  }
}

/// Fᵀ u.
TARGET static inline __attribute__((always_inline)) void NAME(line_of_gradient)(const int side, const NAME(vector) * u, const int step,
                                                                         NAME(vector) * w, const int w_step) {
  const NAME(vector) sum = u[step] + u[2 * step], difference = u[step] - u[2 * step];
  if (side == 2) {
    const NAME(vector) both = sum * (T)0.5;
    w[0] = u[0] + both, w[w_step] = difference * (T)0.5, w[2 * w_step] = both + u[3 * step];
  } else {
    const NAME(vector) near = OF_NEAR * sum, far = OF_FAR * (u[3 * step] + u[4 * step]);
    w[0] = OF_NONE * u[0] + (near + far);
    w[w_step] = (OF_NEAR * NEAR) * difference + (OF_FAR * FAR) * (u[3 * step] - u[4 * step]);
    w[2 * w_step] = (NEAR_SQUARE * near + FAR_SQUARE * far) + u[5 * step];
  }
}

#undef NEAR
#undef FAR
#undef NEAR_SQUARE
#undef FAR_SQUARE
#undef OF_NONE
#undef OF_NEAR
#undef OF_FAR
