/* SPDX-License-Identifier: MIT */
/*
 * Stands in the place of a program of another machine.  The program itself has
 * been moved beside it, to NAME.real.  This runs it by the emulator:
 *
 *	EMULATOR -L PREFIX -0 ARGV0 /path/to/NAME.real ARGUMENT...
 *
 * A shell script in this place would open descriptors, change the environment,
 * and lose argv[0].  EMULATOR and PREFIX are defined by the compiler's flags.
 */
#include <sys/auxv.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	static char real[4096];
	char **words;
	int i;

	/* What the kernel was asked to execute, after a search of PATH. */
	if (snprintf(real, sizeof(real), "%s.real",
	    (const char *)getauxval(AT_EXECFN)) >= (int)sizeof(real))
		errx(126, "the name is too long");
	words = calloc((size_t)argc + 7, sizeof(*words));
	if (words == NULL)
		err(126, "calloc");
	words[0] = EMULATOR;
	words[1] = "-L";
	words[2] = PREFIX;
	words[3] = "-0";
	words[4] = argc > 0 ? argv[0] : "";
	words[5] = real;
	for (i = 1; i < argc; i++)
		words[5 + i] = argv[i];
	execv(EMULATOR, words);
	err(126, "%s", EMULATOR);
}
