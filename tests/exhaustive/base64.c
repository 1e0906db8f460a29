/* SPDX-License-Identifier: MIT */
/*
 * Base64, there and back.  What is encoded: all groups of one, two and three
 * bytes, and rows of groups of a few bytes.  What is decoded: all groups of
 * digits, padding and characters that are neither; and rows of a few of these,
 * so that the padding stands everywhere.
 */
#include "config.h"

#include "base/base64.h"
#include "base64.h"
#include "every.h"

#define TEXT_MAX 64		/* characters of a text here */

/* Whether text is decoded, or refused, as by the model; also in place. */
static bool
is_decoded(const char *text, size_t size)
{
	static char want[TEXT_MAX];
	long want_size = model_decode(text, size, want);
	char *bytes = every_room(size / 4 * 3);
	char *copy;
	size_t decoded = 99;
	int result;

	every_runs++;
	result = base64_decode(bytes, text, size, &decoded);
	if (result != (want_size == -1 ? -1 : 0) || (result == 0 &&
	    !every_is(bytes, decoded, want, (size_t)want_size)))
		return every_found("decoded", bytes, result == 0 ? decoded : 0,
		    want, want_size == -1 ? 0 : (size_t)want_size);
	/* Over the text itself, which comes last because it is changed. */
	copy = every_copy(text, size);
	result = base64_decode(copy, copy, size, &decoded);
	return result == (want_size == -1 ? -1 : 0) && (result != 0 ||
	    every_is(copy, decoded, want, (size_t)want_size));
}

/* Whether the size bytes at data are encoded as by the model, and come back. */
static bool
is_encoded(const char *data, size_t size)
{
	char *text = every_room(BASE64_SIZE(size));
	char back[TEXT_MAX];
	size_t decoded;

	every_runs++;
	base64_encode(text, data, size);
	if (!model_is_encoded(text, BASE64_SIZE(size), data, size))
		return every_found("encoded", text, BASE64_SIZE(size), data,
		    size);
	return (base64_decode(back, text, BASE64_SIZE(size), &decoded) == 0 &&
	    every_is(back, decoded, data, size)) ||
	    every_found("there and back", back, decoded, data, size);
}

/* All groups of size bytes; in make check of some values only. */
static void
test_groups(size_t size, const char *name)
{
	unsigned int step = every_is_brief ? 331 : 1;
	unsigned int end = 1u << 8 * size;
	unsigned int bits, i;
	uint64_t count = 0;
	bool good = true;
	char data[3];

	for (bits = 0; bits < end && good; bits += size < 3 ? 1 : step) {
		for (i = 0; i < size; i++)
			data[i] = (char)(bits >> 8 * i & 0xff);
		good = is_encoded(every_copy(data, size), size);
		count++;
	}
	if (!good)
		every_show("bytes", data, size);
	every_report(good, name, count);
}

/* Each piece but the last is a multiple of 3: they join. */
static bool
check_rows(const char *data, size_t size)
{
	char whole[TEXT_MAX], joined[TEXT_MAX];
	size_t cut;

	if (!is_encoded(data, size))
		return false;
	base64_encode(whole, data, size);
	for (cut = 3; cut <= size; cut += 3) {
		every_runs++;
		base64_encode(joined, data, cut);
		base64_encode(joined + BASE64_SIZE(cut), data + cut,
		    size - cut);
		if (memcmp(joined, whole, BASE64_SIZE(size)) != 0)
			return every_found("in pieces", joined,
			    BASE64_SIZE(size), whole, BASE64_SIZE(size));
	}
	return true;
}

int
main(int argc, char **argv)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/=-\n\0\x80";
	static struct part characters[sizeof(letters) - 1];
	static const struct part some[] = {
		PART("A"), PART("Q"), PART("/"), PART("="), PART("-"),
	};
	static const struct part bytes[] = {
		PART("\0"), PART("\xff"), PART("\x6a"),
	};
	static const struct texts all = {
		characters, COUNT(characters), 2, 4
	};
	static const struct texts rows = { some, COUNT(some), 8, 9 };
	static const struct texts of_bytes = { bytes, COUNT(bytes), 7, 12 };
	size_t i;

	for (i = 0; i < COUNT(characters); i++)
		characters[i] = (struct part){ letters + i, 1 };
	every_begin(argc, argv);
	test_groups(1, "every byte is encoded");
	test_groups(2, "every two bytes are encoded");
	test_groups(3, "every three bytes are encoded");
	every("every row of bytes is encoded, also in pieces", &of_bytes,
	    check_rows);
	every("every group of characters is decoded or refused", &all,
	    is_decoded);
	every("every row of digits and padding is decoded or refused", &rows,
	    is_decoded);
	return done_testing();
}
