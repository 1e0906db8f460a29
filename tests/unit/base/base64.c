/* SPDX-License-Identifier: MIT */
/* Base64: the vectors of the RFC, every byte at every place, and in parts. */
#include "config.h"

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

int
main(void)
{
	test_vectors();
	test_bytes();
	test_parts();
	return done_testing();
}
