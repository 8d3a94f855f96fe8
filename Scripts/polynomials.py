"""Prints the polynomials of Sources/CKernels/functions_f32.h, functions_f64.h and functions_power.h, and how far each
is from its function: python Scripts/polynomials.py (needs mpmath and numpy).

A polynomial is a least-squares fit on Chebyshev nodes, close to the one whose greatest error is least. Coefficients are
rounded to their type one after the other, from the lowest; the rest is fitted anew to what the rounding left."""
import mpmath as mp
import numpy as np

mp.mp.dps = 60
SQUARED = mp.mpf(10) ** -25  # stands for 0, where the quotients below are 0 / 0


def fit(name, degree, low, high, target, weight, single=False):
    """p with |(target - p) · weight| small on [low, high]."""
    count, low, high = 4 * (degree + 2), mp.mpf(low), mp.mpf(high)
    nodes = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    rest, weights, chosen = [target(x) for x in nodes], [weight(x) for x in nodes], []
    for start in range(degree + 1):
        a, b = mp.matrix(count, degree + 1 - start), mp.matrix(count, 1)
        for i, x in enumerate(nodes):
            for j in range(start, degree + 1):
                a[i, j - start] = weights[i] * x**j
            b[i] = weights[i] * rest[i]
        c = float(mp.lu_solve(a, b)[0])
        chosen.append(mp.mpf(float(np.float32(c))) if single else mp.mpf(c))
        rest = [r - chosen[-1] * x**start for r, x in zip(rest, nodes)]
    grid = [low + (high - low) * i / 2000 for i in range(2001)]
    worst = max(abs((target(x) - mp.polyval(chosen[::-1], x)) * weight(x)) for x in grid if x != 0)
    print(f"{name} on [{mp.nstr(low, 5)}, {mp.nstr(high, 5)}], off by 2^{float(mp.log(worst, 2)):.1f}")
    print("  " + ", ".join(f"{np.float32(float(c)):.9g}f" if single else repr(float(c)) for c in chosen))


def quotient(f):
    """f at a place that is not 0, with digits to spare for what cancels."""
    def at(x):
        x = x if abs(x) > SQUARED else SQUARED
        with mp.workdps(150):
            return +f(x)
    return at


exp_rest = quotient(lambda x: (mp.expm1(x) - x) / x**2)
exp_weight = quotient(lambda x: abs(x**2 / mp.expm1(x)))
log_rest = quotient(lambda f: (mp.log1p(f) - f + f * f / 2) / f**3)
log_weight = quotient(lambda f: f**3 / mp.log1p(f))
atanh_rest = quotient(lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z)
atanh_rest_of_rest = quotient(lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2 - 2 * z / 3) / z**2)
tanh_rest = quotient(lambda z: (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z)
tanh_weight = quotient(lambda z: z * mp.sqrt(z) / mp.tanh(mp.sqrt(z)))
sin_rest = quotient(lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z)
cos_rest = quotient(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2)
erf_rest = quotient(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1)
erf_weight = quotient(lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z)))
log_erfc = lambda x: mp.log(mp.erfc(x))

edge = mp.mpf(2) ** -12
half = mp.log(2) / 2 + edge
ratio = (3 - 2 * mp.sqrt(2)) ** 2 * (1 + edge)
angle = (mp.pi / 4) ** 2 * (1 + 4 * edge)
narrow, wide = mp.sqrt(2) / 2 - 1 - edge, mp.sqrt(2) - 1 + edge
tangent = mp.mpf("0.3025")

fit("float32: exp r = 1 + r + r² P(r)", 4, -half, half, exp_rest, exp_weight, single=True)
fit("float32: log(1 + f) = f − f²/2 + f³ P(f)", 8, narrow, wide, log_rest, log_weight, single=True)
fit("float32: tanh x = x + x³ P(x²)", 4, 0, tangent, tanh_rest, tanh_weight, single=True)
fit("float32: erf x = x + x P(x²)", 6, 0, 1, erf_rest, erf_weight, single=True)
fit("float32: erf x = 1 − exp(P(x))", 6, 1, 4, log_erfc, lambda x: mp.erfc(x) + mp.mpf(2) ** -30, single=True)
fit("float32 in doubles: sin r = r + r³ P(r²)", 2, 0, angle, sin_rest, lambda z: z)
fit("float32 in doubles: cos r = 1 − r²/2 + r⁴ P(r²)", 2, 0, angle, cos_rest, lambda z: z * z)
fit("float32 in doubles: exp r = 1 + r + r² P(r)", 5, -half, half, exp_rest, exp_weight)
fit("float32 in doubles: log m = 2 s + s³ P(s²)", 3, 0, ratio, atanh_rest, lambda z: z / 2)
fit("float64: exp r = 1 + r + r² P(r)", 10, -half, half, exp_rest, exp_weight)
fit("float64: log m = 2 s + s³ P(s²)", 6, 0, ratio, atanh_rest, lambda z: z / 2)
fit("float64: tanh x = x + x³ P(x²)", 10, 0, tangent, tanh_rest, tanh_weight)
fit("float64: erf x = x + x P(x²)", 12, 0, 1, erf_rest, erf_weight)
fit("float64: erf x = 1 − exp(P(x))", 18, 1, 6, log_erfc, lambda x: mp.erfc(x) + mp.mpf(2) ** -60)
fit("float64: sin r = r + r³ P(r²)", 5, 0, angle, sin_rest, lambda z: z)
fit("float64: cos r = 1 − r²/2 + r⁴ P(r²)", 5, 0, angle, cos_rest, lambda z: z * z)
fit("powers of doubles: log m = 2 s + ⅔ s³ + s⁵ P(s²)", 7, 0, ratio, atanh_rest_of_rest, lambda z: z * z / 2)
