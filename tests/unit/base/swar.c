/* SPDX-License-Identifier: MIT */
/* Eight bytes together, compared with one byte after the other. */
#include "config.h"

#include "base/swar.h"
#include "tap.h"

/* What stands around the byte in question. */
static const unsigned char others[] = { 0x00, 0x01, 0x7f, 0x80, 0x81, 0xff };

#define FOR_EACH(place, i, byte) \
	for (place = 0; place < 8; place++) \
		for (i = 0; i < sizeof(others); i++) \
			for (byte = 0; byte < 256; byte++)

static uint64_t
make(size_t place, unsigned char byte, unsigned char other)
{
	unsigned char data[9];

	memset(data, other, sizeof(data));
	data[1 + place] = byte;
	return swar_load(data + 1);	/* not aligned */
}

static void
test_below(void)
{
	static const unsigned char limits[] = { 0, 1, 2, 0x20, 0x7f, 0x80 };
	bool good = true;
	unsigned int byte;
	size_t place, i, k;

	for (k = 0; k < sizeof(limits); k++)
		FOR_EACH(place, i, byte)
			good = good && (swar_below(make(place,
			    (unsigned char)byte, others[i]), limits[k]) != 0) ==
			    (byte < limits[k] || others[i] < limits[k]);
	ok(good, "a byte below the limit is found, and no other");
}

static void
test_equal(void)
{
	static const unsigned char wanted[] = { 0, 1, '\\', 0x7f, 0x80, 0xff };
	bool good = true;
	unsigned int byte;
	size_t place, i, k;

	for (k = 0; k < sizeof(wanted); k++)
		FOR_EACH(place, i, byte)
			good = good && (swar_equal(make(place,
			    (unsigned char)byte, others[i]), wanted[k]) != 0) ==
			    (byte == wanted[k] || others[i] == wanted[k]);
	ok(good, "an equal byte is found, and no other");
}

static void
test_beyond_ascii(void)
{
	bool good = true;
	unsigned int byte;
	size_t place, i;

	FOR_EACH(place, i, byte)
		good = good && (swar_beyond_ascii(make(place,
		    (unsigned char)byte, others[i])) != 0) ==
		    (byte >= 0x80 || others[i] >= 0x80);
	ok(good, "a byte beyond ASCII is found, and no other");
}

int
main(void)
{
	test_below();
	test_equal();
	test_beyond_ascii();
	return done_testing();
}
