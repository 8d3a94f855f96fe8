// Elementwise arithmetic, comparisons and logic (functions.c has the transcendental functions). Each is a row loop in a
// few stride patterns; strided_… below walks the rows.
#include <math.h>

#include "loops.h"
#include "rows.h"

// The library's square root sets errno, which keeps loops from being vectorized; the bits are the same.
#if __has_builtin(__builtin_elementwise_sqrt)
#define ck_sqrt(x) __builtin_elementwise_sqrt(x)
#else
#define ck_sqrt(x) _Generic((x), float: sqrtf, double: sqrt)(x)
#endif

// ---- one argument ---------------------------------------------------------------------------------------------------

#define UNARY_FLOATS(name, single, twice) \
  UNARY(name##_f32, float, single)        \
  UNARY(name##_f64, double, twice)

UNARY_FLOATS(negate, -x, -x)
UNARY_FLOATS(absolute, fabsf(x), fabs(x))
UNARY_FLOATS(sign, x > 0 ? 1.0f : x < 0 ? -1.0f : x, x > 0 ? 1.0 : x < 0 ? -1.0 : x)
UNARY_FLOATS(square, x *x, x *x)
UNARY_FLOATS(reciprocal, 1.0f / x, 1.0 / x)
UNARY_FLOATS(square_root, ck_sqrt(x), ck_sqrt(x))
UNARY_FLOATS(reciprocal_square_root, 1.0f / ck_sqrt(x), 1.0 / ck_sqrt(x))
UNARY_FLOATS(relu, x > 0 || x != x ? x : 0, x > 0 || x != x ? x : 0)
UNARY_FLOATS(floor_, floorf(x), floor(x))
UNARY(negate_i32, int32_t, (int32_t)(0u - (uint32_t)x))
UNARY(absolute_i32, int32_t, x < 0 ? (int32_t)(0u - (uint32_t)x) : x)
UNARY(sign_i32, int32_t, (x > 0) - (x < 0))
UNARY(square_i32, int32_t, (int32_t)((uint32_t)x * (uint32_t)x))
UNARY(logical_not, bool, !x)

unary_row ck_unary_row(CKUnary function, CKType type) {
#define FLOATS(id, name) \
  case id: return type == CKTypeFloat32 ? name##_f32 : type == CKTypeFloat64 ? name##_f64 : NULL;
#define NUMBERS(id, name) \
  case id: return type == CKTypeFloat32 ? name##_f32 : type == CKTypeFloat64 ? name##_f64 : name##_i32;
  switch (function) {
    NUMBERS(CKUnaryNegate, negate)
    NUMBERS(CKUnaryAbsolute, absolute)
    NUMBERS(CKUnarySign, sign)
    NUMBERS(CKUnarySquare, square)
    case CKUnaryLogicalNot: return logical_not;
    FLOATS(CKUnaryReciprocal, reciprocal)
    FLOATS(CKUnarySquareRoot, square_root)
    FLOATS(CKUnaryReciprocalSquareRoot, reciprocal_square_root)
    FLOATS(CKUnaryRelu, relu)
    FLOATS(CKUnaryFloor, floor_)
    default: return ck_function_row(function, type);
  }
}

void ck_unary(CKUnary function, CKType type, int rank, const long *shape, const void *x, const long *x_strides,
              void *out) {
  unary_row row = ck_unary_row(function, type);
  const long *strides[] = {x_strides};
  ck_loop loop = ck_loop_make(rank, shape, 1, strides);
  long index[CK_MAX_RANK] = {0}, offset[1] = {0};
  size_t size = ck_size(type);
  for (long r = 0; r < loop.rows; r++) {
    row(loop.length, (const char *)x + offset[0] * (long)size, loop.step[0], (char *)out + r * loop.length * (long)size);
    ck_loop_next(&loop, 1, index, offset);
  }
}

// ---- two arguments --------------------------------------------------------------------------------------------------

static inline int32_t power_i32(int32_t base, int32_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
  uint32_t result = 1, factor = (uint32_t)base;
  for (; exponent; exponent >>= 1, factor *= factor)
    if (exponent & 1) result *= factor;
  return (int32_t)result;
}

// Integer division rounds down, as in NumPy; by zero it gives zero instead of stopping the program.
static inline int32_t divide_i32(int32_t x, int32_t y) {
  if (y == 0) return 0;
  if (y == -1) return (int32_t)(0u - (uint32_t)x);
  int32_t q = x / y;
  return q - ((x % y != 0) && ((x < 0) != (y < 0)));
}

// x != x lets a NaN through, whichever side it is on.
#define BINARY_NUMBERS(name, expression)     \
  BINARY(name##_f32, float, float, expression) \
  BINARY(name##_f64, double, double, expression)
#define BINARY_NUMBERS_OVER_ROWS(name, expression) \
  BINARY_OVER_ROWS(name##_f32, float, expression)  \
  BINARY_OVER_ROWS(name##_f64, double, expression)
BINARY_NUMBERS_OVER_ROWS(add, x + y)
BINARY_NUMBERS_OVER_ROWS(subtract, x - y)
BINARY_NUMBERS_OVER_ROWS(multiply, x *y)
BINARY_NUMBERS(divide, x / y)
BINARY_NUMBERS(maximum, x > y || x != x ? x : y)
BINARY_NUMBERS(minimum, x < y || x != x ? x : y)
BINARY(add_i32, int32_t, int32_t, (int32_t)((uint32_t)x + (uint32_t)y))
BINARY(subtract_i32, int32_t, int32_t, (int32_t)((uint32_t)x - (uint32_t)y))
BINARY(multiply_i32, int32_t, int32_t, (int32_t)((uint32_t)x * (uint32_t)y))
BINARY(divide_i32_row, int32_t, int32_t, divide_i32(x, y))
BINARY(power_i32_row, int32_t, int32_t, power_i32(x, y))
BINARY(maximum_i32, int32_t, int32_t, x > y ? x : y)
BINARY(minimum_i32, int32_t, int32_t, x < y ? x : y)
BINARY(logical_and, bool, bool, x &y)
BINARY(logical_or, bool, bool, x | y)

#define COMPARISON(name, expression)             \
  BINARY(name##_f32, float, bool, expression)    \
  BINARY(name##_f64, double, bool, expression)   \
  BINARY(name##_i32, int32_t, bool, expression)  \
  BINARY(name##_bool, bool, bool, expression)
COMPARISON(equal, x == y)
COMPARISON(not_equal, x != y)
COMPARISON(less, x < y)
COMPARISON(less_or_equal, x <= y)

binary_row ck_binary_row(CKBinary function, CKType type) {
#define BY_TYPE(id, name, whole) \
  case id: return type == CKTypeFloat32 ? name##_f32 : type == CKTypeFloat64 ? name##_f64 : whole;
  switch (function) {
    BY_TYPE(CKBinaryAdd, add, add_i32)
    BY_TYPE(CKBinarySubtract, subtract, subtract_i32)
    BY_TYPE(CKBinaryMultiply, multiply, multiply_i32)
    BY_TYPE(CKBinaryDivide, divide, divide_i32_row)
    case CKBinaryPower: return type == CKTypeInt32 ? power_i32_row : ck_power_row(type);
    BY_TYPE(CKBinaryMaximum, maximum, maximum_i32)
    BY_TYPE(CKBinaryMinimum, minimum, minimum_i32)
    case CKBinaryLogicalAnd: return logical_and;
    case CKBinaryLogicalOr: return logical_or;
  }
  return NULL;
}

binary_row ck_comparison_row(CKComparison function, CKType type) {
#define ANY_TYPE(id, name)                           \
  case id:                                           \
    return type == CKTypeFloat32   ? name##_f32      \
           : type == CKTypeFloat64 ? name##_f64      \
           : type == CKTypeInt32   ? name##_i32      \
                                   : name##_bool;
  switch (function) {
    ANY_TYPE(CKComparisonEqual, equal)
    ANY_TYPE(CKComparisonNotEqual, not_equal)
    ANY_TYPE(CKComparisonLess, less)
    ANY_TYPE(CKComparisonLessOrEqual, less_or_equal)
  }
  return NULL;
}

#define INDICATOR(name, expression)             \
  BINARY(name##_number_f32, float, float, expression) \
  BINARY(name##_number_f64, double, double, expression)
INDICATOR(equal, x == y)
INDICATOR(not_equal, x != y)
INDICATOR(less, x < y)
INDICATOR(less_or_equal, x <= y)

binary_row ck_indicator_row(CKComparison function, CKType type) {
  if (type != CKTypeFloat32 && type != CKTypeFloat64) return NULL;
  bool is_single = type == CKTypeFloat32;
  switch (function) {
    case CKComparisonEqual: return is_single ? equal_number_f32 : equal_number_f64;
    case CKComparisonNotEqual: return is_single ? not_equal_number_f32 : not_equal_number_f64;
    case CKComparisonLess: return is_single ? less_number_f32 : less_number_f64;
    case CKComparisonLessOrEqual: return is_single ? less_or_equal_number_f32 : less_or_equal_number_f64;
  }
  return NULL;
}

static void strided_binary(binary_row row, size_t size, size_t out_size, int rank, const long *shape, const void *x,
                           const long *x_strides, const void *y, const long *y_strides, void *out) {
  const long *strides[] = {x_strides, y_strides, NULL};
  // The dense output takes part, so that rows never run over a gap in it.
  ck_loop loop = ck_loop_make(rank, shape, 3, strides);
  long index[CK_MAX_RANK] = {0}, offset[3] = {0};
  for (long r = 0; r < loop.rows; r++) {
    row(loop.length, (const char *)x + offset[0] * (long)size, loop.step[0], (const char *)y + offset[1] * (long)size,
        loop.step[1], (char *)out + r * loop.length * (long)out_size);
    ck_loop_next(&loop, 3, index, offset);
  }
}

void ck_binary(CKBinary function, CKType type, int rank, const long *shape, const void *x, const long *x_strides,
               const void *y, const long *y_strides, void *out) {
  strided_binary(ck_binary_row(function, type), ck_size(type), ck_size(type), rank, shape, x, x_strides, y, y_strides, out);
}

void ck_compare(CKComparison function, CKType type, int rank, const long *shape, const void *x,
                const long *x_strides, const void *y, const long *y_strides, bool *out) {
  strided_binary(ck_comparison_row(function, type), ck_size(type), 1, rank, shape, x, x_strides, y, y_strides, out);
}
