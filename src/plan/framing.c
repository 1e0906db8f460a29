/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "plan/framing.h"

const struct frame_layout frame_layouts[] = {
	[FRAMING_LINE] = {
		.is_terminated = true, .trailer_size = 1, .trailer = '\n'
	},
	[FRAMING_NULL] = {
		.is_terminated = true, .trailer_size = 1, .trailer = '\0'
	},
	[FRAMING_NETSTRING] = {
		.is_netstring = true, .trailer_size = 1, .trailer = ','
	},
	[FRAMING_U16] = { .width = 2 },
	[FRAMING_U16LE] = { .width = 2, .is_little_endian = true },
	[FRAMING_U32] = { .width = 4 },
	[FRAMING_U32LE] = { .width = 4, .is_little_endian = true },
	[FRAMING_LSP] = { .is_lsp = true },
	[FRAMING_RAW] = { 0 },
};

size_t
frame_limit(enum framing framing)
{
	size_t width = frame_layouts[framing].width;

	return width == 0 ? SIZE_MAX : SIZE_MAX >> 8 * (sizeof(width) - width);
}

size_t
frame_size_shift(const struct frame_layout *layout, size_t i)
{
	return 8 * (layout->is_little_endian ? i : layout->width - 1 - i);
}

/* Write size in decimal between two texts.  Returns the bytes written. */
static size_t
decimal_header(const char *before, size_t size, const char *after,
    char header[FRAME_HEADER_MAX])
{
	size_t front = strlen(before);
	size_t digits = 1;
	size_t rest, i;

	for (rest = size; rest >= 10; rest /= 10)
		digits++;
	memcpy(header, before, front);
	for (i = digits; i > 0; size /= 10)
		header[front + --i] = (char)('0' + size % 10);
	memcpy(header + front + digits, after, strlen(after));
	return front + digits + strlen(after);
}

size_t
frame_header(enum framing framing, size_t size, char header[FRAME_HEADER_MAX])
{
	const struct frame_layout *layout = &frame_layouts[framing];
	size_t i;

	assert(size <= frame_limit(framing));
	if (layout->is_netstring)
		return decimal_header("", size, ":", header);
	if (layout->is_lsp)
		return decimal_header("Content-Length: ", size, "\r\n\r\n",
		    header);
	for (i = 0; i < layout->width; i++)
		header[i] = (char)(size >> frame_size_shift(layout, i) & 0xff);
	return layout->width;
}

size_t
frame_trailer(enum framing framing, char trailer[FRAME_TRAILER_MAX])
{
	const struct frame_layout *layout = &frame_layouts[framing];

	trailer[0] = layout->trailer;
	return layout->trailer_size;
}

bool
frame_splits(enum framing framing, const char *message, size_t size)
{
	return frame_layouts[framing].is_terminated && size > 0 &&
	    memchr(message, frame_layouts[framing].trailer, size) != NULL;
}
