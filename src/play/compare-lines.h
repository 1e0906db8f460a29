/* SPDX-License-Identifier: MIT */
/*
 * Compares streams line by line, because --ignore changes lines before they are
 * compared.  Only compare.c uses these functions.
 *
 * Theory of operation.  compare->next and compare->at stand at the beginning of
 * a recorded line until the same line has come with its newline, and agrees.
 * The bytes of it that have come so far are kept.  After a prompt, a side waits
 * for an answer in the middle of a line, and has sent no newline.  So the part
 * of a line that was recorded before the answer counts as come if the bytes
 * that are kept begin with it.
 */
#ifndef COMPARE_LINES_H
#define COMPARE_LINES_H

#include "play/compare.h"

/* For compare->line; line_close() frees it.  NULL with errno ENOMEM. */
struct line *line_open(void);

void line_close(struct line *line);

/* As compare_bytes(). */
enum compare_result line_compare(struct compare *compare, const char *data,
    size_t size);

/* The stream has ended: the last line may have no newline. */
enum compare_result line_compare_last(struct compare *compare);

/* As compare_has_come(). */
bool line_has_come(struct compare *compare, size_t index);

/* How many bytes have come of the line that compare->next stands at. */
size_t line_size(const struct compare *compare);

#endif
