/* SPDX-License-Identifier: MIT */
/*
 * Values of JSON, RFC 8259, put into a sink's record, which has room for every
 * event: see sink_reserve().
 */
#ifndef JSON_H
#define JSON_H

#include "trace/sink.h"

/* Put string, at most 200 bytes, unchanged: keys and punctuation. */
void json_put(struct sink *sink, const char *string);

/* The same for the text that printf(3) would print. */
#define json_print(sink, ...) do { \
	sink_reserve(sink, 200); \
	textbuf_print(&(sink)->record, __VA_ARGS__); \
} while (0)

/*
 * Put the first_size bytes of first and the size bytes of text as one string.
 * Both are whole characters of UTF-8.  The characters that the RFC requires to
 * be escaped are escaped, and all for which utf8_is_hidden() is true: those
 * that control a terminal and those that are invisible.
 */
void json_put_text(struct sink *sink, const char *first, size_t first_size,
    const char *text, size_t size);

/* Put any bytes so, as one string in Base64; first_size is at most 4. */
void json_put_base64(struct sink *sink, const char *first, size_t first_size,
    const char *data, size_t size);

/*
 * Put string: as a string if it is valid UTF-8, else as an object with the one
 * key "base64".
 */
void json_put_any(struct sink *sink, const char *string);

#endif
