/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

#include "base/charset.h"

bool
charset_is_utf8(void)
{
	static enum { UNKNOWN, OTHER, UTF8 } charset;

	if (charset == UNKNOWN)
		charset = setlocale(LC_CTYPE, "") != NULL &&
		    strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? UTF8 : OTHER;
	return charset == UTF8;
}
