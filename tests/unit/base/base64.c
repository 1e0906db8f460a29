/* SPDX-License-Identifier: MIT */
/* Base64: the vectors of the RFC, every byte at every place, there and back. */
#include "config.h"

#include <stdint.h>

#include "base/base64.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* RFC 4648, section 10. */
static const char *const vectors[][2] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void
test_vectors(void)
{
	char title[80];
	char *text, *data;
	size_t size, i;

	for (i = 0; i < COUNT(vectors); i++) {
		size = strlen(vectors[i][0]);
		/* No byte more, for a checker of memory. */
		text = malloc(BASE64_SIZE(size) + 1);
		data = malloc(size + 1);
		need(text != NULL && data != NULL, "malloc");
		memcpy(data + 1, vectors[i][0], size);
		memset(text, '!', BASE64_SIZE(size) + 1);
		base64_encode(text, data + 1, size);
		snprintf(title, sizeof(title), "'%s' is '%s'", vectors[i][0],
		    vectors[i][1]);
		ok(strlen(vectors[i][1]) == BASE64_SIZE(size) &&
		    memcmp(text, vectors[i][1], BASE64_SIZE(size)) == 0 &&
		    text[BASE64_SIZE(size)] == '!', title);
		free(text);
		free(data);
	}
}

/* What a digit stands for, RFC 4648, section 4; 64 for others. */
static unsigned int
value_of(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return (unsigned int)(digit - 'A');
	if (digit >= 'a' && digit <= 'z')
		return (unsigned int)(digit - 'a') + 26;
	if (digit >= '0' && digit <= '9')
		return (unsigned int)(digit - '0') + 52;
	return digit == '+' ? 62 : digit == '/' ? 63 : 64;
}

/* Whether text, with its padding, is size bytes of data. */
static bool
is_encoded(const char *text, const unsigned char *data, size_t size)
{
	unsigned int value, bits = 0, held = 0;
	size_t got = 0, i;

	for (i = 0; i < BASE64_SIZE(size); i++) {
		value = value_of(text[i]);
		if (value == 64)
			break;
		bits = bits << 6 | value;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (got == size || data[got++] != (bits >> held & 0xff))
			return false;
	}
	/* The bits that are left are 0; padding fills the group. */
	return got == size && (bits & ((1u << held) - 1)) == 0 &&
	    BASE64_SIZE(size) - i == (3 - size % 3) % 3 &&
	    memcmp(text + i, "==", BASE64_SIZE(size) - i) == 0;
}

static void
test_bytes(void)
{
	unsigned char data[256 * 3 + 2];
	char text[BASE64_SIZE(sizeof(data))];
	bool good = true;
	size_t place, size, i;

	/* Each byte at each place of a group of three. */
	for (place = 0; place < 3; place++) {
		memset(data, 0x55, sizeof(data));
		for (i = 0; i < 256; i++)
			data[3 * i + place] = (unsigned char)i;
		for (size = 256 * 3; size <= sizeof(data); size++) {
			base64_encode(text, data, size);
			good = good && is_encoded(text, data, size);
		}
	}
	ok(good, "every byte comes back, at every place");
}

static void
test_parts(void)
{
	static const char data[] = "a longer whole, in parts";
	char whole[BASE64_SIZE(24)], parts[BASE64_SIZE(24)];
	bool good = true;
	size_t cut;

	base64_encode(whole, data, 23);
	for (cut = 0; cut <= 23; cut += 3) {
		base64_encode(parts, data, cut);
		base64_encode(parts + BASE64_SIZE(cut), data + cut, 23 - cut);
		good = good && memcmp(whole, parts, BASE64_SIZE(23)) == 0;
	}
	ok(good, "parts of a multiple of 3 bytes join");
}

/* --- back --------------------------------------------------------------- */

/*
 * Whether text, of size characters, is decoded to the want bytes of data, or
 * refused if data is NULL; also in place.
 */
static bool
decodes(const char *text, size_t size, const char *data, size_t want)
{
	/* No byte more, for a checker of memory. */
	char *copy = malloc(size + (size == 0));
	char *bytes = malloc(size / 4 * 3 + (size == 0));
	size_t got = SIZE_MAX, in_place = SIZE_MAX;
	int result, result_in_place;
	bool good;

	need(copy != NULL && bytes != NULL, "malloc");
	memcpy(copy, text, size);
	result = base64_decode(bytes, copy, size, &got);
	good = memcmp(copy, text, size) == 0;
	result_in_place = base64_decode(copy, copy, size, &in_place);
	if (data == NULL)
		good = good && result == -1 && result_in_place == -1;
	else
		good = good && result == 0 && result_in_place == 0 &&
		    got == want && in_place == want &&
		    memcmp(bytes, data, want) == 0 &&
		    memcmp(copy, data, want) == 0;
	free(copy);
	free(bytes);
	return good;
}

static void
test_overlap(void)
{
	static const char data[] = "as long as 30 bytes are, no more";
	char memory[60 + BASE64_SIZE(30)];
	bool good = true;
	size_t decoded;
	size_t before;

	for (before = 0; before <= 60; before++) {
		base64_encode(memory + before, data, 30);
		good = good && base64_decode(memory, memory + before,
		    BASE64_SIZE(30), &decoded) == 0 && decoded == 30 &&
		    memcmp(memory, data, 30) == 0;
	}
	ok(good, "what is decoded may begin before the text");
}

static void
test_vectors_back(void)
{
	char title[80];
	size_t i;

	for (i = 0; i < COUNT(vectors); i++) {
		snprintf(title, sizeof(title), "'%s' is '%s' again",
		    vectors[i][1], vectors[i][0]);
		ok(decodes(vectors[i][1], strlen(vectors[i][1]),
		    vectors[i][0], strlen(vectors[i][0])), title);
	}
}

/* Each byte at each place, with 0 to 2 bytes behind, so with every padding. */
static void
test_bytes_back(void)
{
	char data[8], text[BASE64_SIZE(sizeof(data))];
	bool good = true;
	size_t place, size;
	int byte;

	for (byte = 0; byte < 256; byte++)
		for (size = 1; size <= sizeof(data); size++)
			for (place = 0; place < size; place++) {
				memset(data, 0x55, sizeof(data));
				data[place] = (char)byte;
				base64_encode(text, data, size);
				good = good && decodes(text,
				    BASE64_SIZE(size), data, size);
			}
	ok(good, "every byte comes back from every place and length");
}

/*
 * Decode one group by the letter of the RFC.  Returns how many bytes, or -1.
 */
static int
model(const char text[4], bool is_last, char bytes[3])
{
	unsigned int bits = 0;
	int digits = 0, count, i;

	while (digits < 4 && value_of(text[digits]) < 64)
		bits = bits << 6 | value_of(text[digits++]);
	count = digits * 6 / 8;
	if (digits < 2 || (digits < 4 && !is_last) ||
	    memcmp(text + digits, "==", (size_t)(4 - digits)) != 0)
		return -1;
	bits <<= 6 * (4 - digits);
	for (i = 0; i < 3; i++) {
		if (i < count)
			bytes[i] = (char)(bits >> (16 - 8 * i));
		else if ((bits >> (16 - 8 * i) & 0xff) != 0)
			return -1;
	}
	return count;
}

/* Whether a group is as in the model, alone, behind one and before one. */
static bool
is_as_model(const char text[4])
{
	char row[12] = "Zm9v    Zm9v";
	char bytes[9] = "foo   foo";
	int count = model(text, true, bytes + 3);
	bool good;

	memcpy(row + 4, text, 4);
	good = decodes(row + 4, 4, count == -1 ? NULL : bytes + 3,
	    (size_t)count) && decodes(row, 8, count == -1 ? NULL : bytes,
	    (size_t)(3 + count));
	count = model(text, false, bytes + 3);
	return good && decodes(row, 12, count == -1 ? NULL : bytes, 9);
}

static void
test_groups(void)
{
	static const char letters[] = "AQgw/+B= \n-_\0\x80";
	const size_t count = sizeof(letters) - 1;
	char text[4];
	bool good = true;
	size_t i, place;
	int byte, fill;

	for (i = 0; i < count * count * count * count; i++) {
		text[0] = letters[i % count];
		text[1] = letters[i / count % count];
		text[2] = letters[i / count / count % count];
		text[3] = letters[i / count / count / count];
		good = good && is_as_model(text);
	}
	ok(good, "every group of digits, padding and others is as in the RFC");

	good = true;
	for (place = 0; place < 4; place++)
		for (byte = 0; byte < 256; byte++)
			for (fill = 0; fill < 3; fill++) {
				memcpy(text, "AAAA", 4);
				memset(text + 4 - fill, '=', (size_t)fill);
				text[place] = (char)byte;
				good = good && is_as_model(text);
			}
	ok(good, "so is every character at every place of a group");
}

static void
test_sizes(void)
{
	static const char text[] = "Zm9vZm9vZm9v";
	char bytes[12];
	bool good = true;
	size_t size, got;

	for (size = 0; size < sizeof(text); size++)
		good = good && decodes(text, size,
		    size % 4 == 0 ? "foofoofoo" : NULL, size / 4 * 3) &&
		    (base64_decode(bytes, text, size, &got) == 0) ==
		    (size % 4 == 0);
	ok(good, "a group that is not whole is refused");
	ok(decodes("Zg==Zg==", 8, NULL, 0) && decodes("Zm8=Zm9v", 8, NULL, 0),
	    "so is padding that is not at the end");
}

int
main(void)
{
	test_vectors();
	test_bytes();
	test_parts();
	test_vectors_back();
	test_overlap();
	test_bytes_back();
	test_groups();
	test_sizes();
	return done_testing();
}
