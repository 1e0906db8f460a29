/* SPDX-License-Identifier: MIT */
/* The meter: its line, and how that is written over the one before. */
#include "config.h"

#include "base/clock.h"
#include "trace/progress.h"
#include "tap.h"

static const struct stats early = {
	.to_command = { .bytes = 1024 }, .duration = SECOND,
};
static const struct stats late = {
	.to_command = { .bytes = 3 * 1024 }, .from_command = { .bytes = 10 },
	.duration = 3 * SECOND,
};
static const struct stats later = {
	.to_command = { .bytes = UINT64_C(5) << 30 },
	.duration = 7384 * SECOND,
};

static void
test_meter(void)
{
	static const char first[] = "\r>   1.0 KiB   1.0 KiB/s  <       0 B"
	    "       0 B/s  0:00:01";
	static const char second[] = "\r>   3.0 KiB   1.0 KiB/s  <      10 B"
	    "       5 B/s  0:00:03";
	struct progress progress;
	struct capture capture;

	capture_begin(&capture, STDERR_FILENO);
	progress_init(&progress, STDERR_FILENO, 0);
	progress_clear(&progress);
	progress_draw(&progress, &early);
	capture_end(&capture);
	is_mem(capture.text, capture.size, first, sizeof(first) - 1,
	    "the meter's line is drawn from the first column");
	capture_begin(&capture, STDERR_FILENO);
	progress_draw(&progress, &late);
	capture_end(&capture);
	is_mem(capture.text, capture.size, second, sizeof(second) - 1,
	    "the rate is since it was last drawn");
	capture_begin(&capture, STDERR_FILENO);
	progress_clear(&progress);
	progress_clear(&progress);
	capture_end(&capture);
	ok(capture.size == sizeof(second) && capture.text[0] == '\r' &&
	    strspn(capture.text + 1, " ") == sizeof(second) - 2 &&
	    capture.text[capture.size - 1] == '\r', "it is cleared, once");
	is_int(capture.writes, 1, "in one write");
}

static void
test_width(void)
{
	struct progress progress;
	char text[PROGRESS_TEXT_MAX];

	progress_init(&progress, -1, 20);
	progress_format(&progress, &later, text);
	is_str(text, ">   5.0 GiB 710.0 K", "a narrow terminal cuts it");
	progress_init(&progress, -1, 80);
	progress_format(&progress, &later, text);
	is_str(text, ">   5.0 GiB 710.0 KiB/s  <       0 B       0 B/s  "
	    "2:03:04", "hours are shown");
}

/* The whole line, cut to one column less than every width. */
static void
test_every_width(void)
{
	static const char whole[] = ">   3.0 KiB   1.0 KiB/s  <      10 B"
	    "       3 B/s  0:00:03";
	struct progress progress;
	char text[PROGRESS_TEXT_MAX];
	bool good = true;
	size_t width, want;

	for (width = 1; width <= 200; width++) {
		progress_init(&progress, -1, width);
		progress_format(&progress, &late, text);
		want = width <= strlen(whole) ? width - 1 : strlen(whole);
		good = good && strlen(text) == want &&
		    memcmp(text, whole, want) == 0;
	}
	ok(good, "a column is left, at every width");
	progress_init(&progress, -1, 0);
	is_int((long long)progress.width, PROGRESS_WIDTH,
	    "a width that nobody knows is the usual one");
}

static void
test_rates(void)
{
	static const struct stats none = { .to_command = { .bytes = 5 } };
	static const struct stats most = {
		.to_command = { .bytes = UINT64_MAX }, .duration = 1,
	};
	struct progress progress;
	char text[PROGRESS_TEXT_MAX];

	progress_init(&progress, -1, 80);
	progress_format(&progress, &none, text);
	is_str(text, ">       5 B       0 B/s  <       0 B       0 B/s  "
	    "0:00:00", "in no time there is no rate");
	progress_format(&progress, &most, text);
	is_str(text, ">  16.0 EiB       0 B/s  <       0 B       0 B/s  "
	    "0:00:00", "nor is there one beyond all counting");
}

/* A shorter line leaves nothing of the longer one. */
static void
test_over(void)
{
	static const char want[] = "\r>   3.0 KiB        ";
	struct progress progress;
	struct capture capture;

	capture_begin(&capture, STDERR_FILENO);
	progress_init(&progress, STDERR_FILENO, 20);
	progress_draw(&progress, &late);
	capture_end(&capture);
	is_int((long long)progress.drawn, 19, "what is drawn is known");
	capture_begin(&capture, STDERR_FILENO);
	progress.width = 12;
	progress_draw(&progress, &late);
	capture_end(&capture);
	is_mem(capture.text, capture.size, want, sizeof(want) - 1,
	    "a shorter line is drawn over all of a longer one");
	is_int((long long)progress.drawn, 11, "and is all that is there");
}

/* Fill the pipe's end fd. */
static void
fill(int fd)
{
	static const char block[4096];

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, block, sizeof(block)) > 0)
		;
	fcntl(fd, F_SETFL, 0);
}

static void
test_busy(void)
{
	struct progress progress;
	int ends[2];

	need(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
	fill(ends[1]);
	progress_init(&progress, ends[1], 80);
	alarm(60);
	progress_draw(&progress, &early);
	progress_draw(&progress, &late);
	alarm(0);
	ok(progress.drawn == 0, "what takes nothing now is left alone");
	ok(progress.time == late.duration &&
	    progress.to_command == late.to_command.bytes &&
	    progress.from_command == late.from_command.bytes,
	    "the next rate is since then all the same");
	close(ends[0]);
	progress_draw(&progress, &late);
	ok(progress.drawn == 0, "an error is passed over");
	close(ends[1]);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_meter();
	test_width();
	test_every_width();
	test_rates();
	test_over();
	test_busy();
	return done_testing();
}
