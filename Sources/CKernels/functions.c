// Row loops of the transcendental functions. They are vectorized throughout; the few elements that a function's
// straight line does not cover are computed anew, one by one, by the library's function.
#include "functions_f32.h"
#include "functions_f64.h"
#include "functions_power.h"
#include "loops.h"
#include "rows.h"

#define UNARY_FLOATS(name)                         \
  UNARY(name##_row_f32, float, ck_##name##_f32(x)) \
  UNARY(name##_row_f64, double, ck_##name##_f64(x))

UNARY_FLOATS(exp)
UNARY_FLOATS(expm1)
UNARY_FLOATS(log)
UNARY_FLOATS(log1p)
UNARY_FLOATS(tanh)
UNARY_FLOATS(sigmoid)
UNARY_FLOATS(softplus)
UNARY_FLOATS(erf)
UNARY_FLOATS(sin)
UNARY_FLOATS(cos)

// Angles beyond the exact reduction by π/2.
#define ANGLES(name, T, row, limit, library)                                \
  CK_CLONES static bool name##_exceeds(long n, const T *x, long step) {     \
    int exceeds = 0;                                                        \
    for (long i = 0; i < n; i++) exceeds |= fabs(x[i * step]) > limit;      \
    return exceeds;                                                         \
  }                                                                         \
  static void name(long n, const void *x_, long step, void *out_) {         \
    const T *x = x_;                                                        \
    T *out = out_;                                                          \
    row(n, x, step, out);                                                   \
    if (!name##_exceeds(n, x, step)) return;                                \
    for (long i = 0; i < n; i++)                                            \
      if (fabs(x[i * step]) > limit) out[i] = library(x[i * step]);         \
  }
ANGLES(sine_f32, float, sin_row_f32, CK_ANGLE_F32, sinf)
ANGLES(sine_f64, double, sin_row_f64, CK_ANGLE_F64, sin)
ANGLES(cosine_f32, float, cos_row_f32, CK_ANGLE_F32, cosf)
ANGLES(cosine_f64, double, cos_row_f64, CK_ANGLE_F64, cos)

BINARY(power_row_f32, float, float, ck_power_f32(x, y))
BINARY(power_row_f64, double, double, ck_power_f64(x, y))

#define POWERS(name, T, row, library)                                                                              \
  CK_CLONES static bool name##_has_rare(long n, const T *x, long x_step, const T *y, long y_step) {                \
    int has = 0;                                                                                                   \
    for (long i = 0; i < n; i++) has |= ck_power_is_rare(x[i * x_step], y[i * y_step]);                            \
    return has;                                                                                                    \
  }                                                                                                                \
  static void name(long n, const void *x_, long x_step, const void *y_, long y_step, void *out_) {                 \
    const T *x = x_, *y = y_;                                                                                      \
    T *out = out_;                                                                                                 \
    row(n, x, x_step, y, y_step, out);                                                                             \
    if (!name##_has_rare(n, x, x_step, y, y_step)) return;                                                         \
    for (long i = 0; i < n; i++)                                                                                   \
      if (ck_power_is_rare(x[i * x_step], y[i * y_step])) out[i] = library(x[i * x_step], y[i * y_step]);          \
  }
POWERS(power_f32, float, power_row_f32, powf)
POWERS(power_f64, double, power_row_f64, pow)

unary_row ck_function_row(CKUnary function, CKType type) {
#define FLOATS(id, name) \
  case id: return type == CKTypeFloat32 ? name##_f32 : type == CKTypeFloat64 ? name##_f64 : NULL;
  switch (function) {
    FLOATS(CKUnaryExponential, exp_row)
    FLOATS(CKUnaryExponentialMinusOne, expm1_row)
    FLOATS(CKUnaryLogarithm, log_row)
    FLOATS(CKUnaryLogarithmOnePlus, log1p_row)
    FLOATS(CKUnarySine, sine)
    FLOATS(CKUnaryCosine, cosine)
    FLOATS(CKUnaryTanh, tanh_row)
    FLOATS(CKUnarySigmoid, sigmoid_row)
    FLOATS(CKUnarySoftplus, softplus_row)
    FLOATS(CKUnaryErrorFunction, erf_row)
    default: return NULL;
  }
}

binary_row ck_power_row(CKType type) {
  return type == CKTypeFloat32 ? power_f32 : type == CKTypeFloat64 ? power_f64 : NULL;
}
