/* SPDX-License-Identifier: MIT */
/*
 * UTF-8, and what is hidden.  The bytes are the edges of the ranges of the RFC,
 * and their neighbours; a run of ASCII, since eight bytes are tested at once;
 * and every code point there is.
 */
#include "config.h"

#include "base/utf8.h"
#include "character.h"
#include "every.h"

static bool
is_number(const char *what, size_t got, size_t want)
{
	if (got != want)
		printf("# %s: %zu, want %zu\n", what, got, want);
	return got == want;
}

/* What utf8.h says of utf8_is_text(). */
static bool
model_is_text(const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (data[i] == '\0')
			return false;
	for (i = 0; i < 3 && i < size &&
	    (unsigned char)data[i] >= 0x80 && (unsigned char)data[i] < 0xc0;)
		i++;
	i += model_valid(data + i, size - i);
	return i == size || model_is_cut(data + i, size - i);
}

static bool
check(const char *data, size_t size)
{
	uint32_t code = 0, want_code = 0;
	size_t cut = 0, i;

	every_runs++;
	for (i = 1; i < 4 && i <= size; i++)
		if (model_is_cut(data + size - i, i))
			cut = i;
	return is_number("utf8_character", utf8_character(data, size, &code),
	    model_character(data, size, &want_code)) &&
	    is_number("code", code, want_code) &&
	    is_number("utf8_valid", utf8_valid(data, size),
	    model_valid(data, size)) &&
	    (size == 0 || is_number("utf8_is_cut", utf8_is_cut(data, size),
	    model_is_cut(data, size))) &&
	    is_number("utf8_cut_size", utf8_cut_size(data, size), cut) &&
	    is_number("utf8_is_text", utf8_is_text(data, size),
	    model_is_text(data, size));
}

static void
test_code_points(void)
{
	uint32_t code, got;
	bool good = true;
	char bytes[4];
	size_t size;

	for (code = 0; code < 0x110000 && good; code++) {
		every_runs++;
		good = is_number("utf8_is_hidden", utf8_is_hidden(code),
		    model_is_hidden(code));
		size = model_encode(code, bytes);
		if (code / 0x800 == 0xd800 / 0x800)	/* a surrogate */
			good = good && utf8_character(bytes, size, &got) == 0;
		else
			good = good && utf8_character(bytes, size, &got) ==
			    size && got == code;
		if (!good)
			printf("# U+%04X\n", (unsigned int)code);
	}
	every_report(good, "every code point", code);
}

int
main(int argc, char **argv)
{
	static const struct part bytes[] = {
		PART("\0"), PART("A"), PART("\x7f"), PART("\x80"),
		PART("\x8f"), PART("\x90"), PART("\x9f"), PART("\xa0"),
		PART("\xbf"), PART("\xc0"), PART("\xc1"), PART("\xc2"),
		PART("\xdf"), PART("\xe0"), PART("\xe1"), PART("\xec"),
		PART("\xed"), PART("\xee"), PART("\xef"), PART("\xf0"),
		PART("\xf1"), PART("\xf3"), PART("\xf4"), PART("\xf5"),
		PART("\xff"),
	};
	static const struct part runs[] = {
		PART("A"), PART("ABCDEFG"), PART("\xc3\xa9"), PART("\xc3"),
		PART("\xa9"), PART("\xff"), PART("\0"),
	};
	static const struct texts of_bytes = { bytes, COUNT(bytes), 3, 5 };
	static const struct texts of_runs = { runs, COUNT(runs), 4, 7 };

	every_begin(argc, argv);
	every("every short row of bytes", &of_bytes, check);
	every("every row with runs of ASCII", &of_runs, check);
	test_code_points();
	return done_testing();
}
