// Numbers as text, the same in every locale: decimal to double rounded correctly, double to decimal as %.Ng writes it.
#include "causeway/base.h"

#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

#define MOST_DIGITS 19      // always fit 64 bits
#define EXACT_DIGITS 800    // a decimal with more digits than 768 lies on no tie between doubles
#define MOST_FIVES 27       // 5^27 < 2^63
#define EXPONENT_CAP 100000 // beyond any double, whatever the digits

static const double exact_tens[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static const uint64_t fives[MOST_FIVES + 1] = {1u,
                                               5u,
                                               25u,
                                               125u,
                                               625u,
                                               3125u,
                                               15625u,
                                               78125u,
                                               390625u,
                                               1953125u,
                                               9765625u,
                                               48828125u,
                                               244140625u,
                                               1220703125u,
                                               6103515625u,
                                               30517578125u,
                                               152587890625u,
                                               762939453125u,
                                               3814697265625u,
                                               19073486328125u,
                                               95367431640625u,
                                               476837158203125u,
                                               2384185791015625u,
                                               11920928955078125u,
                                               59604644775390625u,
                                               298023223876953125u,
                                               1490116119384765625u,
                                               7450580596923828125u};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void trim(const char **text, const char **end) {
    while (*text < *end && is_blank(**text)) {
        ++*text;
    }
    while (*text < *end && is_blank((*end)[-1])) {
        --*end;
    }
}

// What stands between sign and end: digits * 10^exponent.
typedef struct decimal {
    uint64_t digits;      // the first MOST_DIGITS significant ones
    int exponent;         // for `digits`
    bool cut;             // some further digit is not zero
    const char *mantissa; // first digit or point
    const char *mantissa_end;
    int written_exponent;
} decimal;

static bool scan_exponent(const char *at, const char *end, int *exponent) {
    bool negative = false;
    if (at < end && (*at == '+' || *at == '-')) {
        negative = *at == '-';
        at++;
    }
    if (at == end) {
        return false;
    }
    int value = 0;
    for (; at < end; at++) {
        if (!is_digit(*at)) {
            return false;
        }
        value = value < EXPONENT_CAP ? value * 10 + (*at - '0') : EXPONENT_CAP;
    }
    *exponent = negative ? -value : value;
    return true;
}

static bool scan_decimal(const char *at, const char *end, decimal *out) {
    uint64_t digits = 0;
    int significant = 0;
    int64_t exponent = 0;
    bool any = false, point = false, cut = false;
    out->mantissa = at;
    for (; at < end; at++) {
        unsigned digit = (unsigned)(unsigned char)*at - '0';
        if (digit <= 9) {
            any = true;
            exponent -= point;
            if (significant < MOST_DIGITS) {
                digits = digits * 10 + digit;
                significant += digits != 0;
            } else {
                exponent++;
                cut = cut || digit != 0;
            }
        } else if (*at == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    out->mantissa_end = at;
    out->written_exponent = 0;
    if (!any) {
        return false;
    }
    if (at < end) {
        if ((*at != 'e' && *at != 'E') || !scan_exponent(at + 1, end, &out->written_exponent)) {
            return false;
        }
    }
    exponent += out->written_exponent;
    exponent = exponent > EXPONENT_CAP ? EXPONENT_CAP : exponent < -EXPONENT_CAP ? -EXPONENT_CAP : exponent;
    out->digits = digits;
    out->exponent = (int)exponent;
    out->cut = cut;
    return true;
}

static double power_of_two(int power) {
    uint64_t bits = (uint64_t)(power + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// value * 2^power rounded to nearest even, sticky: something below value is not zero. value has bit 63 or 62 set.
static double round_up_to_double(uint64_t value, int power, bool sticky) {
    int spare = (value >> 63) != 0 ? 11 : 10;
    uint64_t kept = value >> spare, lost = value & (((uint64_t)1 << spare) - 1), half = (uint64_t)1 << (spare - 1);
    if (lost > half || (lost == half && (sticky || (kept & 1) != 0))) {
        kept++;
    }
    return (double)kept * power_of_two(power + spare);
}

// digits * 10^exponent by integers, exact before the one rounding; exponent within [-MOST_FIVES, MOST_FIVES].
static double scaled_exactly(uint64_t digits, int exponent) {
    int leading = __builtin_clzll(digits);
    if (exponent < 0) {
        uint64_t five = fives[-exponent];
        int five_leading = __builtin_clzll(five);
        uint64_t above = (digits << leading) >> 1, below = five << five_leading; // above < below: the quotient fits
        wide numerator = (wide)above << 64;
        uint64_t quotient = (uint64_t)(numerator / below);
        bool sticky = numerator % below != 0 || ((digits << leading) & 1) != 0;
        return round_up_to_double(quotient, 1 - 64 - leading + five_leading + exponent, sticky);
    }
    wide product = (wide)digits * fives[exponent];
    uint64_t high = (uint64_t)(product >> 64);
    int shift = high != 0 ? 64 - __builtin_clzll(high) : 0; // bits beyond 64
    if (high == 0) {
        int room = __builtin_clzll((uint64_t)product);
        return round_up_to_double((uint64_t)product << room, exponent - room, false);
    }
    bool sticky = (product & (((wide)1 << shift) - 1)) != 0;
    return round_up_to_double((uint64_t)(product >> shift), exponent + shift, sticky);
}

// The rare rest through the C library in the C locale, from a copy of bounded length: digits past the 800th only matter
// as being zero or not.
static bool parse_slowly(const decimal *number, double *value) {
    char copy[EXACT_DIGITS + 40];
    size_t length = 0;
    int64_t exponent = number->written_exponent;
    bool point = false, cut = false;
    for (const char *at = number->mantissa; at < number->mantissa_end; at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        exponent -= point;
        if (length == 0 && *at == '0') {
            continue;
        }
        if (length < EXACT_DIGITS) {
            copy[length++] = *at;
        } else {
            exponent++;
            cut = cut || *at != '0';
        }
    }
    if (cut) {
        copy[length++] = '1';
        exponent--;
    }
    exponent = exponent > EXPONENT_CAP ? EXPONENT_CAP : exponent < -EXPONENT_CAP ? -EXPONENT_CAP : exponent;
    snprintf(copy + length, sizeof copy - length, "e%d", (int)exponent);
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return false;
    }
    *value = strtod_l(copy, NULL, c_locale);
    freelocale(c_locale);
    return *value <= 0x1.fffffffffffffp1023;
}

bool cw_parse_double(const char *text, size_t length, double *value) {
    const char *end = text + length;
    trim(&text, &end);
    bool negative = false;
    if (text < end && (*text == '+' || *text == '-')) {
        negative = *text == '-';
        text++;
    }
    decimal number;
    if (!scan_decimal(text, end, &number)) {
        return false;
    }
    double magnitude;
    if (number.digits == 0) {
        magnitude = 0.0;
    } else if (!number.cut && number.digits <= (uint64_t)1 << 53 && number.exponent >= -22 && number.exponent <= 22) {
        // Both operands are exact, so one rounding is made (Clinger 1990).
        double whole = (double)number.digits;
        magnitude = number.exponent < 0 ? whole / exact_tens[-number.exponent] : whole * exact_tens[number.exponent];
    } else if (!number.cut && number.exponent >= -MOST_FIVES && number.exponent <= MOST_FIVES) {
        magnitude = scaled_exactly(number.digits, number.exponent);
    } else if (!parse_slowly(&number, &magnitude)) {
        return false;
    }
    *value = negative ? -magnitude : magnitude;
    return true;
}

bool cw_parse_int64(const char *text, size_t length, int64_t *value) {
    const char *end = text + length;
    trim(&text, &end);
    bool negative = false;
    if (text < end && (*text == '+' || *text == '-')) {
        negative = *text == '-';
        text++;
    }
    if (text == end) {
        return false;
    }
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX, magnitude = 0;
    for (; text < end; text++) {
        if (!is_digit(*text)) {
            return false;
        }
        uint64_t digit = (uint64_t)(*text - '0');
        if (magnitude > (limit - digit) / 10) {
            return false;
        }
        magnitude = magnitude * 10 + digit;
    }
    *value = negative ? -(int64_t)(magnitude - (magnitude > 0)) - (magnitude > 0) : (int64_t)magnitude;
    return true;
}

static const uint64_t whole_tens[19] = {1u,
                                        10u,
                                        100u,
                                        1000u,
                                        10000u,
                                        100000u,
                                        1000000u,
                                        10000000u,
                                        100000000u,
                                        1000000000u,
                                        10000000000u,
                                        100000000000u,
                                        1000000000000u,
                                        10000000000000u,
                                        100000000000000u,
                                        1000000000000000u,
                                        10000000000000000u,
                                        100000000000000000u,
                                        1000000000000000000u};

// round(mantissa * 2^power * 10^tens) to nearest even, exact; false where it needs more than 128 bits.
static bool decimal_round(uint64_t mantissa, int power, int tens, uint64_t *rounded) {
    if (tens >= 0) {
        if (tens > MOST_FIVES) {
            return false;
        }
        wide product = (wide)mantissa * fives[tens];
        int shift = -(power + tens); // the product still has to be divided by 2^shift
        if (shift <= 0) {
            if (shift < -10) {
                return false;
            }
            *rounded = (uint64_t)(product << -shift);
            return product >> (64 + shift) == 0;
        }
        if (shift > 126) {
            return false;
        }
        wide quotient = product >> shift, lost = product - (quotient << shift), half = (wide)1 << (shift - 1);
        *rounded = (uint64_t)quotient + (lost > half || (lost == half && (quotient & 1) != 0));
        return quotient >> 63 == 0;
    }
    if (-tens > 18) {
        return false;
    }
    if (power < 0 || power > 64) {
        return false;
    }
    uint64_t divisor = whole_tens[-tens];
    wide whole = (wide)mantissa << power, quotient = whole / divisor, lost = whole - quotient * divisor;
    *rounded = (uint64_t)quotient + (2 * lost > divisor || (2 * lost == divisor && (quotient & 1) != 0));
    return quotient >> 63 == 0;
}

// The `digits` leading decimal digits of value > 0 as an integer, and the decimal exponent of the first one.
static bool leading_digits(double value, int digits, uint64_t *whole, int *exponent) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int biased = (int)(bits >> 52);
    if (biased == 0) {
        return false;
    }
    uint64_t mantissa = (bits & (((uint64_t)1 << 52) - 1)) | (uint64_t)1 << 52;
    int power = biased - 1075;
    // floor(log10) from the binary exponent, at most one too small; log10(2) = 0.30103
    int guess = (int)floor((double)(biased - 1023) * 0.30102999566398120);
    for (int attempt = 0; attempt < 2; attempt++, guess++) {
        if (!decimal_round(mantissa, power, digits - 1 - guess, whole)) {
            return false;
        }
        if (*whole < whole_tens[digits]) {
            *exponent = guess;
            return true;
        }
        // Too many digits: either the guess was too small, or rounding carried into a new digit. The next try decides
        // both, since rounding the carried value at one place less gives 10...0 as well.
    }
    return false;
}

// What %g makes of the digits: fixed for exponents in [-4, digits), else scientific; no zeros at the end.
static size_t lay_out(char *out, bool negative, uint64_t whole, int digits, int exponent, int precision) {
    char figure[24];
    for (int i = digits - 1; i >= 0; i--) {
        figure[i] = (char)('0' + whole % 10);
        whole /= 10;
    }
    while (digits > 1 && figure[digits - 1] == '0') {
        digits--;
    }
    char *at = out;
    if (negative) {
        *at++ = '-';
    }
    if (exponent < -4 || exponent >= precision) {
        *at++ = figure[0];
        if (digits > 1) {
            *at++ = '.';
            memcpy(at, figure + 1, (size_t)digits - 1);
            at += digits - 1;
        }
        *at++ = 'e';
        *at++ = exponent < 0 ? '-' : '+';
        int size = exponent < 0 ? -exponent : exponent;
        if (size >= 100) {
            *at++ = (char)('0' + size / 100);
        }
        *at++ = (char)('0' + size / 10 % 10);
        *at++ = (char)('0' + size % 10);
    } else if (exponent < 0) {
        *at++ = '0';
        *at++ = '.';
        for (int i = -1; i > exponent; i--) {
            *at++ = '0';
        }
        memcpy(at, figure, (size_t)digits);
        at += digits;
    } else {
        for (int i = 0; i <= exponent || i < digits; i++) {
            if (i == exponent + 1) {
                *at++ = '.';
            }
            *at++ = i < digits ? figure[i] : '0';
        }
    }
    return (size_t)(at - out);
}

// snprintf with whatever the locale puts for the point turned back into one.
static size_t print_slowly(char out[48], double value, int digits) {
    char text[64];
    snprintf(text, sizeof text, "%.*g", digits, value);
    size_t length = 0;
    bool foreign = false;
    for (const char *at = text; *at != '\0' && length < 47; at++) {
        bool plain = is_digit(*at) || *at == '-' || *at == '+' || *at == 'e';
        if (plain) {
            out[length++] = *at;
        } else if (!foreign) {
            out[length++] = '.';
            foreign = true;
        }
    }
    return length;
}

static size_t print_rounded(char out[48], double value, int digits) {
    uint64_t whole;
    int exponent;
    bool negative = signbit(value) != 0;
    double magnitude = fabs(value);
    if (leading_digits(magnitude, digits, &whole, &exponent)) {
        return lay_out(out, negative, whole, digits, exponent, digits);
    }
    return print_slowly(out, value, digits);
}

size_t cw_print_double(char *out, size_t size, double value, int digits) {
    assert(digits >= 1 && digits <= 17);
    char text[48];
    size_t length;
    if (!(value - value == 0.0)) {
        memcpy(text, "null", 4);
        length = 4;
    } else if (value == 0.0) {
        length = signbit(value) != 0 ? 2 : 1;
        memcpy(text, length == 2 ? "-0" : "0", length);
    } else {
        // 15 digits or fewer never have a shorter form that means the same double; 16 and 17 may.
        int start = digits < 15 ? digits : 15;
        length = print_rounded(text, value, start);
        for (int n = start + 1; n <= digits; n++) {
            double back;
            if (cw_parse_double(text, length, &back) && back == value) {
                break;
            }
            length = print_rounded(text, value, n);
        }
    }
    assert(length < size);
    if (length >= size) {
        length = size > 0 ? size - 1 : 0;
    }
    memcpy(out, text, length);
    if (size > 0) {
        out[length] = '\0';
    }
    return length;
}
