/* SPDX-License-Identifier: MIT */
/*
 * Text to value.  strtol(3) is not used: it takes blanks, signs, other bases
 * and the empty string, each of which would make a slip look like a number.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"

static int
fail_parsing(int error)
{
	errno = error;
	return -1;
}

/*
 * Read the digits at *text, at least one, and set *text to the character after
 * them.  Sets *too_large if the number is greater than max.  The caller reports
 * ERANGE only if the rest of the text is well formed.
 */
static int
scan_digits(const char **text, uint64_t max, uint64_t *value, bool *too_large)
{
	const char *p = *text;
	uint64_t sum = 0;
	uint64_t digit;

	if (!isdigit((unsigned char)*p))
		return fail_parsing(EINVAL);
	for (; isdigit((unsigned char)*p); p++) {
		digit = (uint64_t)(*p - '0');
		if (digit > max || sum > (max - digit) / 10)
			*too_large = true;
		else
			sum = sum * 10 + digit;
	}
	*text = p;
	*value = sum;
	return 0;
}

int
parse_number(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t number;
	bool too_large = false;

	if (scan_digits(&text, max, &number, &too_large) == -1)
		return -1;
	if (*text != '\0')
		return fail_parsing(EINVAL);
	if (too_large)
		return fail_parsing(ERANGE);
	*value = number;
	return 0;
}

int
parse_size(const char *text, size_t *value)
{
	static const char units[] = "KMG";
	const char *unit;
	uint64_t number;
	unsigned int shift = 0;
	bool too_large = false;

	if (scan_digits(&text, SIZE_MAX, &number, &too_large) == -1)
		return -1;
	if (*text != '\0') {
		unit = strchr(units, *text);
		if (unit == NULL || text[1] != '\0')
			return fail_parsing(EINVAL);
		shift = 10 * (unsigned int)(unit - units + 1);
	}
	if (too_large || number > SIZE_MAX >> shift)
		return fail_parsing(ERANGE);
	*value = (size_t)number << shift;
	return 0;
}

/*
 * Read the decimals at *text, which follow a point, and set *text to the
 * character after them.  *value is that fraction of unit (nanoseconds, at most
 * an hour), in nanoseconds rounded up.  From the last digit to the first, each
 * is added and the sum divided by 10.  All that is rounded up on the way is the
 * same as rounding up once, at the end.
 */
static int
scan_fraction(const char **text, uint64_t unit, uint64_t *value)
{
	size_t digits = strspn(*text, "0123456789");
	uint64_t sum = 0;
	size_t i;

	if (digits == 0)
		return fail_parsing(EINVAL);
	for (i = digits; i-- > 0;)
		sum = (sum + unit * (uint64_t)((*text)[i] - '0') + 9) / 10;
	*text += digits;
	*value = sum;
	return 0;
}

/* The nanoseconds in the unit that text names; 0 if there is no such unit. */
static uint64_t
time_unit(const char *text)
{
	if (strcmp(text, "") == 0 || strcmp(text, "s") == 0)
		return SECOND;
	if (strcmp(text, "ms") == 0)
		return SECOND / 1000;
	if (strcmp(text, "m") == 0)
		return SECOND * 60;
	if (strcmp(text, "h") == 0)
		return SECOND * 3600;
	return 0;
}

int
parse_time(const char *text, int64_t *value)
{
	const char *fraction = NULL;
	const char *unit_name;
	uint64_t whole;
	uint64_t part = 0;
	uint64_t unit;
	bool too_large = false;

	if (scan_digits(&text, INT64_MAX, &whole, &too_large) == -1)
		return -1;
	if (*text == '.')
		fraction = ++text;
	unit_name = text + strspn(text, "0123456789");
	unit = time_unit(unit_name);
	if (unit == 0)
		return fail_parsing(EINVAL);
	if (fraction != NULL && scan_fraction(&fraction, unit, &part) == -1)
		return -1;
	if (too_large || whole > (INT64_MAX - part) / unit)
		return fail_parsing(ERANGE);
	*value = (int64_t)(whole * unit + part);
	return 0;
}

int
parse_fd_list(const char *text, struct fd_list *value)
{
	struct fd_list list = { NULL, 1 };
	const char *p;
	uint64_t number;
	bool too_large = false;
	size_t i;

	for (p = text; *p != '\0'; p++)
		list.count += *p == ',';
	list.fds = calloc(list.count, sizeof(*list.fds));
	if (list.fds == NULL)
		return -1;
	for (i = 0; i < list.count; i++) {
		if (scan_digits(&text, INT_MAX, &number, &too_large) == -1)
			goto failed;
		if (*text != (i + 1 < list.count ? ',' : '\0')) {
			errno = EINVAL;
			goto failed;
		}
		text++;
		list.fds[i] = (int)number;
	}
	if (too_large) {
		errno = ERANGE;
		goto failed;
	}
	*value = list;
	return 0;

failed:
	fd_list_free(&list);
	return -1;
}
