/* SPDX-License-Identifier: MIT */
/*
 * The header in front of a message in the base protocol of the Language Server
 * Protocol (LSP 3.17, "Base Protocol"), which the Debug Adapter Protocol also
 * uses:
 *
 *	Content-Length: 17\r\n
 *	\r\n
 *
 * There is one field on each line, and an empty line at the end.  The case of
 * names is ignored, and a line may end with a newline alone.  The name of the
 * first field must begin with "Content-", because a line that a program prints
 * in front of a message often looks like a field ("WARNING: ...").  Pure.
 */
#ifndef LSP_H
#define LSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LSP_HEADER_MAX 4096	/* bytes of the largest header accepted */

enum lsp {
	LSP_MORE,		/* the beginning of a header, perhaps */
	LSP_HEADER,		/* a whole header */
	LSP_NONE,		/* not a header */
};

struct lsp_header {
	size_t size;		/* bytes of the header itself */
	uint64_t length;	/* bytes of the message */
};

/*
 * Read the header at the start of data, of size bytes.  *header is filled in if
 * the result is LSP_HEADER.  A line is read only when it is complete, so the
 * result does not depend on the pieces in which it came.
 */
enum lsp lsp_read(const char *data, size_t size, struct lsp_header *header);

/* Whether the first field's name in data may be that of a header. */
bool lsp_may_begin(const char *data, size_t size);

/*
 * Find the next line in data that begins with the field Content-Length.
 * *is_mid_line is whether data begins inside a line; it is set for the bytes
 * that follow data.  Returns how many bytes come before that line, with *found
 * true; or before an incomplete line that may begin so, with *found false; or
 * size, with *found false.
 */
size_t lsp_find(const char *data, size_t size, bool *is_mid_line, bool *found);

#endif
