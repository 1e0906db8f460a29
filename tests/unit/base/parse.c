/* SPDX-License-Identifier: MIT */
/* Text to value: every form that is taken, and what looks like one. */
#include "config.h"

#include <limits.h>

#include "base/parse.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NANO INT64_C(1000000000)

/* A case's name: the text, and what becomes of it. */
static const char *
title(const char *kind, const char *text, int error)
{
	static char name[200];

	snprintf(name, sizeof(name), "%s '%s' is %s", kind, text,
	    error == 0 ? "taken" : error == EINVAL ? "not of the form" :
	    "too large");
	return name;
}

static void
test_number(void)
{
	static const struct {
		const char *text;
		uint64_t max;
		int error;
		uint64_t want;
	} rows[] = {
		{ "0", 0, 0, 0 },
		{ "1", 0, ERANGE, 0 },
		{ "7", 5, ERANGE, 0 },
		{ "010", 10, 0, 10 },
		{ "000000000000000000000000000005", 5, 0, 5 },
		{ "255", 255, 0, 255 },
		{ "256", 255, ERANGE, 0 },
		{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, ERANGE, 0 },
		{ "99999999999999999999999999", UINT64_MAX, ERANGE, 0 },
		{ "", 9, EINVAL, 0 },
		{ " 1", 9, EINVAL, 0 },
		{ "1 ", 9, EINVAL, 0 },
		{ "1\n", 9, EINVAL, 0 },
		{ "+1", 9, EINVAL, 0 },
		{ "-1", 9, EINVAL, 0 },
		{ "-0", 9, EINVAL, 0 },
		{ "3x", 9, EINVAL, 0 },
		{ "256x", 255, EINVAL, 0 },
		{ "0x1", 9, EINVAL, 0 },
		{ "1.0", 9, EINVAL, 0 },
		{ "1K", 9, EINVAL, 0 },
		{ "nan", 9, EINVAL, 0 },
	};
	uint64_t value;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		value = 77;
		errno = 0;
		if (parse_number(rows[i].text, rows[i].max, &value) == -1)
			ok(rows[i].error != 0 && errno == rows[i].error &&
			    value == 77,
			    title("number", rows[i].text, rows[i].error));
		else
			ok(rows[i].error == 0 && value == rows[i].want,
			    title("number", rows[i].text, rows[i].error));
	}
}

static void
size_is(const char *text, int error, size_t want)
{
	size_t value = 77;
	int result;

	errno = 0;
	result = parse_size(text, &value);
	ok(error == 0 ? result == 0 && value == want :
	    result == -1 && errno == error && value == 77,
	    title("size", text, error));
}

/* number and a unit, as text. */
static const char *
with_unit(size_t number, const char *unit)
{
	static char text[40];

	snprintf(text, sizeof(text), "%zu%s", number, unit);
	return text;
}

static void
test_size(void)
{
	static const char *const wrong[] = {
		"", "K", "1k", "1KB", "1KK", "1KiB", "1T", "1.5K", "1 K", "1K ",
		" 1", "-1", "+1", "0x1", "1x", "99999999999999999999999x",
	};
	size_t i;

	size_is("0", 0, 0);
	size_is("0G", 0, 0);
	size_is("1", 0, 1);
	size_is("010K", 0, 10240);
	size_is("3K", 0, 3072);
	size_is("2M", 0, 2097152);
	size_is("1G", 0, 1073741824);
	size_is(with_unit(SIZE_MAX, ""), 0, SIZE_MAX);
	size_is("99999999999999999999999", ERANGE, 0);
	size_is(with_unit(SIZE_MAX >> 10, "K"), 0, SIZE_MAX >> 10 << 10);
	size_is(with_unit((SIZE_MAX >> 10) + 1, "K"), ERANGE, 0);
	size_is(with_unit(SIZE_MAX >> 20, "M"), 0, SIZE_MAX >> 20 << 20);
	size_is(with_unit((SIZE_MAX >> 20) + 1, "M"), ERANGE, 0);
	size_is(with_unit(SIZE_MAX >> 30, "G"), 0, SIZE_MAX >> 30 << 30);
	size_is(with_unit((SIZE_MAX >> 30) + 1, "G"), ERANGE, 0);
	for (i = 0; i < COUNT(wrong); i++)
		size_is(wrong[i], EINVAL, 0);
}

static void
test_time(void)
{
	static const struct {
		const char *text;
		int error;
		int64_t want;
	} rows[] = {
		{ "0", 0, 0 },
		{ "0.000h", 0, 0 },
		{ "1", 0, NANO },
		{ "010", 0, 10 * NANO },
		{ "1s", 0, NANO },
		{ "500ms", 0, NANO / 2 },
		{ "2m", 0, 120 * NANO },
		{ "1h", 0, 3600 * NANO },
		{ "0.5", 0, NANO / 2 },
		{ "0.5s", 0, NANO / 2 },
		{ "1.5ms", 0, 1500000 },
		{ "1.5m", 0, 90 * NANO },
		{ "1.25h", 0, 4500 * NANO },
		{ "1.000000001", 0, NANO + 1 },
		/* Rounded up, but only what has to be. */
		{ "1.0000000001", 0, NANO + 1 },
		{ "1.0000000000", 0, NANO },
		{ "0.0000000001", 0, 1 },
		{ "0.0000001ms", 0, 1 },
		{ "0.000000000000000000000000000001h", 0, 1 },
		{ "0.99999999999999999999", 0, NANO },
		{ "0.00000000005m", 0, 3 },
		{ "0.0000000000009h", 0, 4 },
		{ "0.0000000000025h", 0, 9 },
		{ "0.000000006666666666m", 0, 400 },
		{ "0.000000006666666667m", 0, 401 },
		{ "0.000000000000833333h", 0, 3 },
		{ "0.000000000000833334h", 0, 4 },
		{ "9223372036", 0, 9223372036 * NANO },
		{ "9223372036.854775807", 0, INT64_MAX },
		{ "9223372036.854775808", ERANGE, 0 },
		{ "9223372036.8547758070001", ERANGE, 0 },
		{ "9223372037", ERANGE, 0 },
		{ "2562047h", 0, INT64_C(2562047) * 3600 * NANO },
		{ "2562048h", ERANGE, 0 },
		{ "9223372036854775807", ERANGE, 0 },
		{ "99999999999999999999ms", ERANGE, 0 },
		{ "99999999999999999999x", EINVAL, 0 },
		{ "", EINVAL, 0 },
		{ ".", EINVAL, 0 },
		{ ".5", EINVAL, 0 },
		{ "1.", EINVAL, 0 },
		{ "1.s", EINVAL, 0 },
		{ "1.5.5", EINVAL, 0 },
		{ "1,5", EINVAL, 0 },
		{ "1e3", EINVAL, 0 },
		{ "s", EINVAL, 0 },
		{ "1d", EINVAL, 0 },
		{ "1S", EINVAL, 0 },
		{ "1us", EINVAL, 0 },
		{ "1sec", EINVAL, 0 },
		{ "1 s", EINVAL, 0 },
		{ "1s ", EINVAL, 0 },
		{ "1m30s", EINVAL, 0 },
		{ " 1", EINVAL, 0 },
		{ "+1", EINVAL, 0 },
		{ "-1", EINVAL, 0 },
		{ "nan", EINVAL, 0 },
		{ "inf", EINVAL, 0 },
		{ "0x1", EINVAL, 0 },
	};
	int64_t value;
	int result;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		value = 77;
		errno = 0;
		result = parse_time(rows[i].text, &value);
		if (!ok(rows[i].error == 0 ?
		    result == 0 && value == rows[i].want :
		    result == -1 && errno == rows[i].error && value == 77,
		    title("time", rows[i].text, rows[i].error)))
			printf("# got %lld, errno %d\n", (long long)value,
			    errno);
	}
}

static void
test_fd_list(void)
{
	static const struct {
		const char *text;
		int error;
		size_t count;
		int want[4];
	} rows[] = {
		{ "0", 0, 1, { 0 } },
		{ "0,1", 0, 2, { 0, 1 } },
		{ "9,3,010", 0, 3, { 9, 3, 10 } },
		{ "3,3,3", 0, 3, { 3, 3, 3 } },
		{ "2147483647", 0, 1, { INT_MAX } },
		{ "2147483648", ERANGE, 0, { 0 } },
		{ "0,99999999999999999999", ERANGE, 0, { 0 } },
		{ "2147483648,x", EINVAL, 0, { 0 } },
		{ "", EINVAL, 0, { 0 } },
		{ ",", EINVAL, 0, { 0 } },
		{ "0,", EINVAL, 0, { 0 } },
		{ ",0", EINVAL, 0, { 0 } },
		{ "0,,1", EINVAL, 0, { 0 } },
		{ "0, 1", EINVAL, 0, { 0 } },
		{ "0 ,1", EINVAL, 0, { 0 } },
		{ "-1", EINVAL, 0, { 0 } },
		{ "0,+1", EINVAL, 0, { 0 } },
		{ "0-2", EINVAL, 0, { 0 } },
		{ "0;1", EINVAL, 0, { 0 } },
		{ "1,0x2", EINVAL, 0, { 0 } },
		{ "stdin", EINVAL, 0, { 0 } },
	};
	int untouched = 7;
	struct fd_list list;
	bool same;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		list = (struct fd_list){ &untouched, 77 };
		errno = 0;
		if (parse_fd_list(rows[i].text, &list) == -1) {
			ok(rows[i].error != 0 && errno == rows[i].error &&
			    list.fds == &untouched && list.count == 77,
			    title("list", rows[i].text, rows[i].error));
			continue;
		}
		same = list.count == rows[i].count && memcmp(list.fds,
		    rows[i].want, list.count * sizeof(int)) == 0;
		ok(rows[i].error == 0 && same,
		    title("list", rows[i].text, rows[i].error));
		fd_list_free(&list);
	}
}

/* Without memory: 0 if that was told right. */
static int
parse_without_memory(void *argument)
{
	static char text[4000000];
	struct fd_list list = { NULL, 77 };

	(void)argument;
	memset(text, ',', sizeof(text) - 1);
	forbid_memory();
	return parse_fd_list(text, &list) == -1 && errno == ENOMEM &&
	    list.count == 77 ? 0 : 1;
}

int
main(void)
{
	test_number();
	test_size();
	test_time();
	test_fd_list();
	if (can_limit_memory())
		is_int(run_child(parse_without_memory, NULL), 0,
		    "a list that finds no memory is ENOMEM");
	else
		elsewhere("a list that finds no memory is ENOMEM", "memory tool");
	return done_testing();
}
