/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/utf8.h"
#include "trace/carry.h"

static bool
carry_is_cut(const struct carry *carry)
{
	return carry->size > 0 && utf8_is_cut(carry->bytes, carry->size);
}

bool
carry_join(struct carry *carry, const char *data, size_t size, uint64_t offset,
    struct joined *joined)
{
	uint64_t end = offset + size;
	bool is_empty = size == 0;

	if (carry->is_taken)
		*carry = (struct carry){ .size = 0 };
	joined->offset = offset - carry->size;
	for (; size > 0 && carry_is_cut(carry); size--)
		carry->bytes[carry->size++] = *data++;
	if (carry_is_cut(carry))
		return false;
	memcpy(joined->first, carry->bytes, sizeof(joined->first));
	joined->first_size = carry->size;
	carry->size = utf8_cut_size(data, size);
	carry->offset = end - carry->size;
	joined->data = data;
	joined->size = size - carry->size;
	if (carry->size > 0)
		memcpy(carry->bytes, data + joined->size, carry->size);
	return joined->first_size + joined->size > 0 || is_empty;
}

bool
carry_end(struct carry *carry, struct joined *joined)
{
	if (carry->size == 0 || carry->is_taken)
		return false;
	*joined = (struct joined){
		.first_size = carry->size, .offset = carry->offset
	};
	memcpy(joined->first, carry->bytes, sizeof(joined->first));
	carry->is_taken = true;
	return true;
}

/* Whether byte can continue the character that the carried bytes begin. */
static bool
carry_is_followed(const struct carry *carry, char byte)
{
	size_t size = carry->size + 1;
	char bytes[sizeof(carry->bytes)];

	memcpy(bytes, carry->bytes, sizeof(bytes));
	bytes[carry->size] = byte;
	return utf8_is_cut(bytes, size) || utf8_valid(bytes, size) == size;
}

size_t
carry_rest(struct carry *carry, const char *data, size_t size, uint64_t offset)
{
	size_t rest = 0;

	if (!carry->is_taken || offset != carry->offset + carry->size)
		return 0;
	while (rest < size && carry_is_cut(carry) &&
	    carry_is_followed(carry, data[rest]))
		carry->bytes[carry->size++] = data[rest++];
	return rest;
}

/* The length of the valid UTF-8 at the start of joined's first size bytes. */
static size_t
joined_valid(const struct joined *joined, size_t size)
{
	size_t first = size < joined->first_size ? size : joined->first_size;
	size_t valid = utf8_valid(joined->first, first);

	return valid < first ? valid :
	    first + utf8_valid(joined->data, size - first);
}

/* Whether the bytes from start to end of joined are an incomplete character. */
static bool
joined_is_cut(const struct joined *joined, size_t start, size_t end)
{
	if (start >= joined->first_size)
		return utf8_is_cut(joined->data + start - joined->first_size,
		    end - start);
	return end <= joined->first_size &&
	    utf8_is_cut(joined->first + start, end - start);
}

bool
joined_is_text(const struct joined *joined, size_t *size)
{
	size_t valid = joined_valid(joined, *size);

	if (valid == *size)
		return true;
	if (*size == joined->first_size + joined->size ||
	    !joined_is_cut(joined, valid, *size))
		return false;
	*size = valid;
	return true;
}
