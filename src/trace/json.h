/* SPDX-License-Identifier: MIT */
/*
 * Values of JSON, RFC 8259, put into the record that a sink makes.  A value may
 * be larger than the record: then that is written before.
 */
#ifndef JSON_H
#define JSON_H

#include "trace/sink.h"

/* Put at most 200 bytes as they are: keys and punctuation. */
void json_put(struct sink *sink, const char *string);

/* The same for what printf(3) would print. */
#define json_print(sink, ...) do { \
	sink_reserve(sink, 200); \
	textbuf_print(&(sink)->record, __VA_ARGS__); \
} while (0)

/*
 * Put first_size bytes of first and the size bytes that follow them as one
 * string.  Both are whole characters of UTF-8.  Escaped are the characters that
 * the RFC requires, and all for which utf8_is_hidden() is true: those that a
 * terminal obeys and those that are invisible.
 */
void json_put_text(struct sink *sink, const char *first, size_t first_size,
    const char *text, size_t size);

/* The same for any bytes, as a string of Base64; first_size is at most 4. */
void json_put_base64(struct sink *sink, const char *first, size_t first_size,
    const char *data, size_t size);

/*
 * Put string, which need not be UTF-8: as a string if it is, else as an object
 * with the one key "base64".
 */
void json_put_any(struct sink *sink, const char *string);

#endif
