/* SPDX-License-Identifier: MIT */
/*
 * Text for people: the escapes of textbuf_put_shown(), with every room that is
 * left for them; words for a shell; and the pieces of a trace, as text and in
 * hexadecimal.  The result must be that of the model, harmless, and give back
 * the bytes.
 *
 * The parts are what has an escape of its own, other controls, the bytes of
 * characters that are shown, that are hidden and that are cut, and for the
 * tests of eight bytes at once a run that is one byte shorter.
 */
#include "config.h"

#include "base/textbuf.h"
#include "character.h"
#include "every.h"
#include "held.h"
#include "shown.h"

#define SHORT 4			/* bytes of a text that gets every room */
#define OUTPUT_MAX 2000		/* bytes of what becomes of a text */

/* --- what is put --------------------------------------------------------- */

/* With room for so many bytes only: a beginning is put, of whole characters. */
static bool
check_room(const char *data, size_t size, bool utf8, size_t room)
{
	char want[OUTPUT_MAX];
	struct textbuf line = textbuf_in(every_room(room), room);
	size_t done, want_size, length = 0;
	size_t whole = 0;

	every_runs++;
	done = textbuf_put_shown(&line, data, size, utf8);
	while (whole < done) {
		(void)model_shown_one(data + whole, size - whole, utf8, want,
		    &length);
		/* ASCII that is shown may be cut; a character may not. */
		whole += length;
	}
	want_size = model_shown(data, done, utf8, want);
	if (whole != done || line.cut != (done < size) ||
	    !every_is(line.data, line.used, want, want_size) ||
	    (done < size && room - line.used >= TEXTBUF_SPARE)) {
		printf("# room for %zu, %zu done\n", room, done);
		return every_found("put", line.data, line.used, want,
		    want_size);
	}
	/* The dots take the place of nothing but characters that are plain. */
	textbuf_end(&line);
	if (done < size && room >= 3) {
		for (; want_size > room - 3; want_size--, done--)
			if (want[want_size - 1] != data[done - 1] ||
			    data[done - 1] < ' ' || data[done - 1] > '~')
				return every_found("dots", line.data,
				    line.used, want, want_size);
		memcpy(want + want_size, "...", 3);
		want_size += 3;
	}
	return every_is(line.data, line.used, want, want_size) ||
	    every_found("ended", line.data, line.used, want, want_size);
}

static bool
check_shown_as(const char *data, size_t size, bool utf8)
{
	char want[OUTPUT_MAX], back[OUTPUT_MAX];
	size_t want_size = model_shown(data, size, utf8, want);
	size_t room = want_size + TEXTBUF_SPARE;
	size_t back_size;
	bool good;

	good = check_room(data, size, utf8, room);
	if (size <= SHORT)
		while (good && room-- > 0)
			good = check_room(data, size, utf8, room);
	back_size = model_unescape(want, want_size, back);
	return good && model_is_harmless(want, want_size, utf8, "") &&
	    (every_is(back, back_size, data, size) ||
	    every_found("there and back", back, back_size, data, size));
}

static bool
check_shown(const char *data, size_t size)
{
	return check_shown_as(data, size, true) &&
	    check_shown_as(data, size, false);
}

/* With every room, also of what is put as it is. */
static bool
check_rooms(const char *data, size_t size)
{
	struct textbuf line;
	char want[OUTPUT_MAX];
	size_t room, fits;
	bool good = true;

	for (room = 0; room <= size + 4 && good; room++) {
		fits = size < room ? size : room;
		line = textbuf_in(every_room(room), room);
		textbuf_put(&line, data, size);
		textbuf_put_byte(&line, '.');
		memcpy(want, data, fits);
		if (fits < room)
			want[fits++] = '.';
		else
			textbuf_end(&line);
		if (fits == room && room >= 3 && room < size + 1)
			memcpy(want + room - 3, "...", 3);
		good = every_is(line.data, line.used, want, fits) ||
		    every_found("put", line.data, line.used, want, fits);
	}
	for (room = 0; room <= 4 * size + TEXTBUF_SPARE && good; room++)
		good = check_room(data, size, true, room) &&
		    check_room(data, size, false, room);
	return good;
}

/* --- words --------------------------------------------------------------- */

/* Whether string is safe without quotes, and some have to be. */
static bool
model_is_safe(const char *string)
{
	return *string != '\0' && string[strspn(string,
	    "%+,-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	    "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

/* The word that a shell reads from text. */
static size_t
model_shell(const char *text, size_t size, char *to)
{
	bool is_quoted = false;
	char *start = to;
	size_t i;

	for (i = 0; i < size; i++)
		if (text[i] == '\'')
			is_quoted = !is_quoted;
		else if (text[i] == '\\' && !is_quoted)
			*to++ = text[++i];
		else
			*to++ = text[i];
	return is_quoted ? SIZE_MAX : (size_t)(to - start);
}

static bool
check_word(const char *data, size_t size)
{
	char string[OUTPUT_MAX], got[OUTPUT_MAX], word[OUTPUT_MAX];
	char want[OUTPUT_MAX], piece[OUTPUT_MAX];
	struct textbuf line = textbuf_in(got, sizeof(got));
	size_t want_size = 0, word_size, run;
	const char *p = string;

	every_runs++;
	memcpy(string, data, size);
	string[size] = '\0';
	textbuf_put_word(&line, every_copy(string, size + 1), true);
	word_size = model_shell(line.data, line.used, word);
	/* A character is not joined across a quote, so pieces are escaped. */
	for (;; p += run + 1) {
		run = strcspn(p, "'");
		want_size += model_shown(p, run, true, piece + want_size);
		if (p[run] == '\0')
			break;
		piece[want_size++] = '\'';
	}
	memcpy(want, piece, want_size);
	if ((line.used == 0 || line.data[0] != '\'') != model_is_safe(string))
		return every_found("quoted or not", line.data, line.used,
		    want, want_size);
	return (every_is(word, word_size, want, want_size) &&
	    model_is_harmless(line.data, line.used, true, "")) ||
	    every_found("a shell's word", line.data, line.used, want,
	    want_size);
}

/* --- a trace ------------------------------------------------------------- */

static struct held held;
static uint64_t base;		/* offset of the first byte */

/* Two pieces of a stream, cut at each place. */
static bool
check_trace(const char *data, size_t size)
{
	const struct textbuf *record = &held.sink.record;
	char back[OUTPUT_MAX];
	size_t cut, back_size;
	bool good = true;

	for (cut = 0; cut <= size && good; cut += 1) {
		every_runs++;
		held_clear(&held);
		if (cut > 0)
			held_data(&held, TRACE_TO_COMMAND, data, cut, base);
		if (cut < size)
			held_data(&held, TRACE_TO_COMMAND, data + cut,
			    size - cut, base + cut);
		back_size = model_read_trace(record->data, record->used, '>',
		    base, back);
		good = every_is(back, back_size, data, size) &&
		    model_is_harmless(record->data, record->used,
		    held.sink.options.utf8, "\n");
		if (!good)
			printf("# cut at %zu\n", cut);
	}
	return good || every_found("the trace", record->data, record->used,
	    data, size);
}

static void
test_trace(enum trace_format format, bool utf8, const struct texts *texts,
    const char *name)
{
	held_open(&held, format);
	held.sink.options.utf8 = utf8;
	every(name, texts, check_trace);
	held_close(&held);
}

int
main(int argc, char **argv)
{
	static const struct part bytes[] = {
		PART("a"), PART("\\"), PART("\n"), PART("\0"), PART("\x7f"),
		PART("\033"), PART("\xc2"), PART("\x80"), PART("\xe2"),
		PART("\xae"), PART("\xf0"), PART("\x9f"),
	};
	static const struct part runs[] = {
		PART("a"), PART("abcdefg"), PART("\\"), PART("\x7f"),
		PART("\x1f"), PART(" "), PART("\xc3\xa9"),
		PART("\xe2\x80\xae"), PART("\xf3\xa0\x80\x81"), PART("\xff"),
	};
	static const struct part longs[] = {
		PART("a"), PART("abcdefghijklmnopqrstuvwxyz"), PART("\n"),
		PART("\xc3\xa9"), PART("\xf3\xa0\x80\x81"),
	};
	static const struct part words[] = {
		PART("a"), PART("'"), PART("\\"), PART("\n"), PART(" "),
		PART("%"), PART("\xc3"), PART("\xa9"),
	};
	static const struct part pieces[] = {
		PART("a"), PART("\\"), PART("\n"), PART("\r"), PART("\0"),
		PART("\xc3"), PART("\xa9"), PART("\t"),
	};
	static const struct part rows[] = {
		PART("a"), PART("\0"), PART("\n"), PART(" abcdefghijklmn"),
		PART("\xff\x7f"),
	};
	static const struct texts of_bytes = { bytes, COUNT(bytes), 3, 5 };
	static const struct texts of_runs = { runs, COUNT(runs), 3, 6 };
	static const struct texts of_longs = { longs, COUNT(longs), 3, 5 };
	static const struct texts of_words = { words, COUNT(words), 4, 6 };
	static const struct texts of_pieces = { pieces, COUNT(pieces), 3, 5 };
	static const struct texts of_rows = { rows, COUNT(rows), 3, 5 };

	every_begin(argc, argv);
	every("every short text is shown", &of_bytes, check_shown);
	every("every text with runs that need no escape is shown", &of_runs,
	    check_shown);
	every("every text is shown as far as there is room", &of_longs,
	    check_rooms);
	every("every word is quoted for a shell", &of_words, check_word);
	test_trace(FORMAT_TEXT, true, &of_pieces,
	    "every two pieces come back from a trace");
	test_trace(FORMAT_TEXT, false, &of_pieces,
	    "also from one in ASCII");
	test_trace(FORMAT_HEX, false, &of_pieces,
	    "also from one in hexadecimal");
	base = UINT32_MAX - 20;
	test_trace(FORMAT_HEX, false, &of_rows,
	    "also from rows of it that are full");
	return done_testing();
}
