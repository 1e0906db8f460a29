/* SPDX-License-Identifier: MIT */
/*
 * Numbers, sizes, times and lists of descriptors.  The model computes in
 * decimal, on paper as it were, so that no number is too large for it.
 *
 * The parts are the characters that the formats give a meaning, neighbours of
 * these, and the digits of the limits, so that a digit more or less stands on
 * either side of each.
 */
#include "config.h"

#include <limits.h>

#include "base/parse.h"
#include "every.h"

/* A whole number in decimal. */
struct decimal {
	char digits[400];
	size_t count;
};

/* --- the model ----------------------------------------------------------- */

static void
decimal_put(struct decimal *decimal, const char *digits, size_t count)
{
	need(decimal->count + count < sizeof(decimal->digits), "digits");
	if (count > 0)
		memcpy(decimal->digits + decimal->count, digits, count);
	decimal->count += count;
}

static void
decimal_times(struct decimal *decimal, unsigned int factor)
{
	unsigned int carry = 0;
	size_t i;

	need(decimal->count + 4 < sizeof(decimal->digits), "digits");
	memmove(decimal->digits + 4, decimal->digits, decimal->count);
	memset(decimal->digits, '0', 4);
	decimal->count += 4;
	for (i = decimal->count; i-- > 0; carry /= 10) {
		carry += (unsigned int)(decimal->digits[i] - '0') * factor;
		decimal->digits[i] = (char)('0' + carry % 10);
	}
}

static void
decimal_add_one(struct decimal *decimal)
{
	struct decimal sum = { .count = 0 };
	size_t i;

	decimal_put(&sum, "0", 1);
	decimal_put(&sum, decimal->digits, decimal->count);
	for (i = sum.count; i-- > 0 && ++sum.digits[i] > '9';)
		sum.digits[i] = '0';
	*decimal = sum;
}

/* Without leading zeros, as text. */
static const char *
decimal_text(struct decimal *decimal)
{
	const char *text = decimal->digits;

	decimal->digits[decimal->count] = '\0';
	while (*text == '0' && text[1] != '\0')
		text++;
	return text;
}

static bool
decimal_is_above(struct decimal *decimal, uint64_t limit)
{
	const char *text = decimal_text(decimal);
	char limit_text[24];

	snprintf(limit_text, sizeof(limit_text), "%" PRIu64, limit);
	return strlen(text) > strlen(limit_text) ||
	    (strlen(text) == strlen(limit_text) &&
	    strcmp(text, limit_text) > 0);
}

/* The value of a text, or errno. */
struct answer {
	int error;
	struct decimal value;
};

static size_t
count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

static struct answer
model_number(const char *text, uint64_t max)
{
	struct answer answer = { .error = EINVAL };
	size_t digits = count_digits(text);

	if (digits == 0 || text[digits] != '\0')
		return answer;
	decimal_put(&answer.value, text, digits);
	answer.error = decimal_is_above(&answer.value, max) ? ERANGE : 0;
	return answer;
}

static struct answer
model_size(const char *text)
{
	static const char *const units[] = { "", "K", "M", "G" };
	struct answer answer = { .error = EINVAL };
	size_t digits = count_digits(text);
	size_t unit = 0, i;

	while (unit < COUNT(units) && strcmp(text + digits, units[unit]) != 0)
		unit++;
	if (digits == 0 || unit == COUNT(units))
		return answer;
	decimal_put(&answer.value, text, digits);
	for (i = 0; i < unit; i++)
		decimal_times(&answer.value, 1024);
	answer.error = decimal_is_above(&answer.value, SIZE_MAX) ? ERANGE : 0;
	return answer;
}

static struct answer
model_time(const char *text)
{
	/* A unit is so many times a power of ten of nanoseconds. */
	static const struct {
		const char *name;
		unsigned int factor;
		size_t zeros;
	} units[] = {
		{ "", 1, 9 }, { "ms", 1, 6 }, { "s", 1, 9 }, { "m", 6, 10 },
		{ "h", 36, 11 },
	};
	struct answer answer = { .error = EINVAL };
	size_t whole = count_digits(text);
	const char *end = text + whole;
	size_t decimals = 0;
	size_t unit, i;
	bool has_rest = false;

	decimal_put(&answer.value, text, whole);
	if (*end == '.') {
		decimals = count_digits(++end);
		if (decimals == 0)
			return answer;
		decimal_put(&answer.value, end, decimals);
		end += decimals;
	}
	for (unit = 0; unit < COUNT(units); unit++)
		if (strcmp(end, units[unit].name) == 0)
			break;
	if (whole == 0 || unit == COUNT(units))
		return answer;
	decimal_times(&answer.value, units[unit].factor);
	decimal_put(&answer.value, "00000000000", units[unit].zeros);
	for (i = 0; i < decimals; i++)
		has_rest |= answer.value.digits[--answer.value.count] != '0';
	if (has_rest)
		decimal_add_one(&answer.value);
	answer.error = decimal_is_above(&answer.value, INT64_MAX) ? ERANGE : 0;
	return answer;
}

/* --- the checks ---------------------------------------------------------- */

static char *
string_of(const char *data, size_t size)
{
	char text[EVERY_BYTES];

	memcpy(text, data, size);
	text[size] = '\0';
	return every_copy(text, size + 1);
}

/*
 * Compare what a function returned, in errno and *value, with the answer.  If
 * it failed, *value must be untouched.
 */
#define UNTOUCHED UINT64_C(12345)

static bool
is_answer(const char *what, struct answer *answer, int result, uint64_t value)
{
	char got[60], want[420];
	int error = result == 0 ? 0 : errno;

	every_runs++;
	snprintf(got, sizeof(got), "%d, errno %d, %" PRIu64, result, error,
	    value);
	if (answer->error == 0)
		snprintf(want, sizeof(want), "0, errno 0, %s",
		    decimal_text(&answer->value));
	else
		snprintf(want, sizeof(want), "-1, errno %d, %" PRIu64,
		    answer->error, UNTOUCHED);
	return strcmp(got, want) == 0 ||
	    every_found(what, got, strlen(got), want, strlen(want));
}

static bool
check_number(const char *data, size_t size)
{
	static const uint64_t limits[] = {
		0, 5, 9, 10, UINT16_MAX, INT_MAX, UINT64_MAX - 1, UINT64_MAX
	};
	const char *text = string_of(data, size);
	struct answer answer;
	uint64_t value;
	char what[60];
	size_t i;
	int result;

	for (i = 0; i < COUNT(limits); i++) {
		answer = model_number(text, limits[i]);
		value = UNTOUCHED;
		result = parse_number(text, limits[i], &value);
		snprintf(what, sizeof(what), "parse_number to %" PRIu64,
		    limits[i]);
		if (!is_answer(what, &answer, result, value))
			return false;
	}
	return true;
}

static bool
check_size(const char *data, size_t size)
{
	const char *text = string_of(data, size);
	struct answer answer = model_size(text);
	size_t value = UNTOUCHED;
	int result = parse_size(text, &value);

	return is_answer("parse_size", &answer, result, value);
}

static bool
check_time_text(const char *text)
{
	struct answer answer = model_time(text);
	int64_t value = UNTOUCHED;
	int result = parse_time(text, &value);

	return is_answer("parse_time", &answer, result, (uint64_t)value);
}

static bool
check_time(const char *data, size_t size)
{
	return check_time_text(string_of(data, size));
}

/* The text is decimals. */
static bool
check_fraction(const char *data, size_t size)
{
	static const char *const units[] = { "", "ms", "s", "m", "h" };
	char text[EVERY_BYTES + 10];
	size_t i;
	int length;

	for (i = 0; i < COUNT(units); i++) {
		length = snprintf(text, sizeof(text), "3.%.*s%s", (int)size,
		    data, units[i]);
		if (!check_time_text(string_of(text, (size_t)length))) {
			every_show("in", text, (size_t)length);
			return false;
		}
	}
	return true;
}

/* The numbers of a list, one after the other, as text; or errno. */
static int
model_list(const char *text, char *numbers, int list[], size_t *count)
{
	char number[EVERY_BYTES];
	struct answer answer;
	int error = 0;
	size_t size;

	*count = 0;
	for (;; text += size + 1) {
		size = strcspn(text, ",");
		memcpy(number, text, size);
		number[size] = '\0';
		answer = model_number(number, INT_MAX);
		if (answer.error == EINVAL)
			return EINVAL;
		if (answer.error == ERANGE)
			error = ERANGE;
		numbers += sprintf(numbers, " %s",
		    decimal_text(&answer.value));
		if (error == 0)
			list[(*count)++] = (int)strtoul(number, NULL, 10);
		if (text[size] == '\0')
			return error;
	}
}

static bool
check_queries(const struct fd_list *list, const int numbers[], size_t count)
{
	static const int asked[] = { 0, 1, 9, 10, 19, INT_MAX, -1 };
	int greatest = 0;
	bool is_there;
	size_t i, j;

	for (j = 0; j < count; j++)
		if (numbers[j] > greatest)
			greatest = numbers[j];
	if (fd_list_greatest(list) != greatest) {
		printf("# fd_list_greatest: %d, want %d\n",
		    fd_list_greatest(list), greatest);
		return false;
	}
	for (i = 0; i < COUNT(asked); i++) {
		is_there = false;
		for (j = 0; j < count; j++)
			is_there |= numbers[j] == asked[i];
		if (fd_list_has(list, asked[i]) != is_there) {
			printf("# fd_list_has: not right of %d\n", asked[i]);
			return false;
		}
	}
	return true;
}

static bool
check_list(const char *data, size_t size)
{
	static char got[EVERY_BYTES], want[EVERY_BYTES];
	const char *text = string_of(data, size);
	struct fd_list list = { NULL, 7 };
	int numbers[EVERY_BYTES / 2];
	size_t count, i;
	char *end = got;
	int error, result;
	bool good;

	every_runs++;
	got[0] = want[0] = '\0';
	error = model_list(text, want, numbers, &count);
	errno = 0;
	result = parse_fd_list(text, &list);
	if (error != 0) {
		if (result == -1 && errno == error && list.fds == NULL &&
		    list.count == 7)
			return true;
		printf("# parse_fd_list: %d, errno %d, want errno %d\n",
		    result, errno, error);
		fd_list_free(&list);
		return false;
	}
	for (i = 0; result == 0 && i < list.count; i++)
		end += sprintf(end, " %d", list.fds[i]);
	good = strcmp(got, want) == 0 ||
	    every_found("parse_fd_list", got, strlen(got), want, strlen(want));
	good = good && check_queries(&list, numbers, count);
	fd_list_free(&list);
	return good && list.fds == NULL && list.count == 0;
}

int
main(int argc, char **argv)
{
	static const struct part number_parts[] = {
		PART("0"), PART("1"), PART("5"), PART("6"), PART("9"),
		PART("1844674407370955161"), PART("214748364"), PART("7"),
		PART(" "), PART("-"), PART("\xb2"),
	};
	static const struct part size_parts[] = {
		PART("0"), PART("1"), PART("5"), PART("6"), PART("K"),
		PART("M"), PART("G"), PART("1844674407370955161"),
		PART("18014398509481983"), PART("17592186044415"),
		PART("17179869183"), PART("4194303"), PART("k"), PART("."),
	};
	static const struct part time_parts[] = {
		PART("0"), PART("1"), PART("7"), PART("8"), PART("."),
		PART("m"), PART("s"), PART("h"), PART("9223372036"),
		PART("854775807"), PART("18446744073709551616"), PART("-"),
	};
	static const struct part decimal_parts[] = {
		PART("0"), PART("0000"), PART("6"), PART("666"), PART("3"),
		PART("33"), PART("4"), PART("7"), PART("9999"),
	};
	static const struct part list_parts[] = {
		PART("0"), PART("1"), PART("9"), PART(","),
		PART("2147483647"), PART("2147483648"),
		PART("18446744073709551616"), PART("-"), PART(" "),
	};
	const struct texts numbers = {
		number_parts, COUNT(number_parts), 4, 6
	};
	const struct texts sizes = { size_parts, COUNT(size_parts), 4, 6 };
	const struct texts times = { time_parts, COUNT(time_parts), 4, 6 };
	const struct texts decimals = {
		decimal_parts, COUNT(decimal_parts), 4, 6
	};
	const struct texts lists = { list_parts, COUNT(list_parts), 4, 6 };

	every_begin(argc, argv);
	every("every number, with every limit", &numbers, check_number);
	every("every size", &sizes, check_size);
	every("every time", &times, check_time);
	every("all decimals of a time are counted, and rounded up", &decimals,
	    check_fraction);
	every("every list of descriptors", &lists, check_list);
	return done_testing();
}
