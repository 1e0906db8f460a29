/* SPDX-License-Identifier: MIT */
/* The main() of a test that knows facts of Linux only. */
#include "tap.h"

int
main(void)
{
	skip("facts of Linux", "this is not Linux");
	return done_testing();
}
