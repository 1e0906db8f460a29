/* SPDX-License-Identifier: MIT */
/* Which options go together. */
#include "config.h"

#include <sys/socket.h>

#include "plan/plan.h"
#include "tap.h"

static bool
is_word(const char *word, const char *name)
{
	size_t length = strlen(name);

	return strncmp(word, name, length) == 0 &&
	    (word[length] == ' ' || word[length] == '\0');
}

/* Put the one option into plan whose name, without dashes, begins word. */
static void
give(struct plan *plan, const char *word)
{
	static int three[] = { 3, 3 };
	static int four[] = { 3, 4 };

	plan->pipes |= is_word(word, "pipes");
	plan->type_chosen |= is_word(word, "type");
	plan->domain_chosen |= is_word(word, "domain");
	plan->protocol_chosen |= is_word(word, "protocol");
	if (is_word(word, "buffer"))
		plan_set_buffer(plan, 1);
	plan->die_with_parent |= is_word(word, "die-with-parent");
	plan->no_shutdown |= is_word(word, "no-shutdown");
	plan->pass_fd |= is_word(word, "pass-fd");
	plan->pipefail |= is_word(word, "pipefail");
	plan->peer_fds_chosen |= is_word(word, "peer-fd");
	if (is_word(word, "kill-after"))
		plan->kill_after = 0;
	if (is_word(word, "linger"))
		plan->linger = 1;
	if (is_word(word, "null"))
		plan->framing_option = "null";
	if (is_word(word, "max-message"))
		plan_set_max_message(plan, 1);
	if (is_word(word, "seqpacket"))
		plan->type = SOCK_SEQPACKET;
	if (is_word(word, "timeout"))
		plan->timeout = 1;
	if (is_word(word, "stall"))
		plan->stall = 1;
	if (is_word(word, "chunk"))
		plan->chunk = 1;
	if (is_word(word, "peer"))
		need(plan_set_peer(plan, "cat") == 0, "plan");
	if (is_word(word, "dgram"))
		plan->type = SOCK_DGRAM;
	if (is_word(word, "raw"))
		plan->type = SOCK_RAW;
	if (is_word(word, "wire"))
		plan->wire = FRAMING_LINE;
	if (is_word(word, "wire-raw"))
		plan->wire = FRAMING_RAW;
	if (is_word(word, "framing-raw")) {
		plan->framing = FRAMING_RAW;
		plan->framing_option = "framing";
	}
	if (is_word(word, "inet"))
		plan->domain = AF_INET;
	plan->events_chosen |= is_word(word, "events");
	plan->stats |= is_word(word, "stats");
	plan->progress |= is_word(word, "progress");
	plan->verbose |= is_word(word, "verbose");
	plan->hex |= is_word(word, "hex");
	if (is_word(word, "output"))
		need(plan_add_output(plan, "x") == 0, "plan");
	if (is_word(word, "format"))
		plan->next_format = FORMAT_TEXT;
	plan->next_append |= is_word(word, "append");
	if (is_word(word, "snaplen"))
		plan->snaplen = 1;
	plan->time_chosen |= is_word(word, "time");
	plan->color_chosen |= is_word(word, "color");
	plan->pcap_port_chosen |= is_word(word, "pcap-port");
	if (is_word(word, "env"))
		need(plan_add_env(plan, "LISTEN_PIDS") == 0, "plan");
	if (is_word(word, "env-fds"))
		need(plan_add_env(plan, "LISTEN_FDS") == 0, "plan");
	if (is_word(word, "env-pid"))
		need(plan_add_env(plan, "LISTEN_PID") == 0, "plan");
	if (is_word(word, "env-names"))
		need(plan_add_env(plan, "LISTEN_FDNAMES") == 0, "plan");
	if (is_word(word, "fd-3") || is_word(word, "fd-4")) {
		fd_list_free(&plan->fds);
		plan->fds.fds = malloc(sizeof(three));
		need(plan->fds.fds != NULL, "plan");
		memcpy(plan->fds.fds, is_word(word, "fd-3") ? three : four,
		    sizeof(three));
		plan->fds.count = 2;
		plan->fds_chosen = true;
	}
	if (is_word(word, "listen-fds"))
		need(plan_set_listen_fds(plan) == 0, "plan");
}

#define RELAY "needs a trace, --timeout, --stall or --chunk with --peer"

static void
test_clashes(void)
{
	static const struct {
		const char *given;
		const char *want;	/* "" for none */
	} rows[] = {
		{ "", "" },
		{ "no-shutdown linger timeout kill-after die-with-parent", "" },
		{ "null", "--null needs --type=seqpacket, --type=dgram or "
		    "--wire" },
		{ "max-message null", "--max-message needs --type=seqpacket, "
		    "--type=dgram or --wire" },
		{ "wire null max-message no-shutdown linger stats", "" },
		{ "wire seqpacket", "--wire cannot go with another --type "
		    "than stream" },
		{ "wire peer", "--wire cannot go with --peer" },
		{ "wire peer timeout", "--wire cannot go with --peer" },
		{ "wire pass-fd", "--wire cannot go with --pass-fd" },
		{ "wire framing-raw", "" },
		{ "wire-raw", "" },
		{ "wire-raw framing-raw", "--wire=raw cannot go with "
		    "--framing=raw" },
		{ "seqpacket null max-message", "" },
		{ "dgram null max-message", "" },
		{ "peer dgram null", "--null cannot go with --peer" },
		{ "peer timeout dgram null", "--null cannot go with --peer" },
		{ "raw null max-message", "" },
		{ "peer raw null", "--null cannot go with --peer" },
		{ "peer dgram max-message", "--max-message " RELAY },
		{ "peer timeout dgram max-message", "" },
		{ "pass-fd dgram null", "--null cannot go with --pass-fd" },
		{ "pass-fd dgram max-message",
		    "--max-message cannot go with --pass-fd" },
		{ "peer-fd", "--peer-fd needs --peer" },
		{ "pipefail", "--pipefail needs --peer" },
		{ "peer peer-fd pipefail kill-after die-with-parent", "" },
		{ "peer dgram peer-fd pipefail kill-after", "" },
		{ "peer linger", "--linger " RELAY },
		{ "peer no-shutdown", "--no-shutdown " RELAY },
		{ "peer dgram no-shutdown", "--no-shutdown " RELAY },
		{ "peer stats", "--stats " RELAY },
		{ "peer progress", "--progress " RELAY },
		{ "stats progress", "" },
		{ "peer timeout stats progress", "" },
		{ "peer verbose stats progress linger no-shutdown", "" },
		{ "peer hex stats progress linger no-shutdown", "" },
		{ "peer output stats progress linger no-shutdown", "" },
		{ "peer timeout", "" },
		{ "stall", "" },
		{ "events", "--events needs -v, -x or an -o after it" },
		{ "events stats", "--events needs -v, -x or an -o after it" },
		{ "events verbose", "" },
		{ "events hex", "" },
		{ "events output", "" },
		{ "peer stall stats progress linger no-shutdown", "" },
		{ "peer timeout linger no-shutdown", "" },
		{ "peer timeout dgram", "" },
		{ "peer timeout dgram no-shutdown", "--no-shutdown cannot go "
		    "with --peer and --type=dgram" },
		{ "peer verbose raw no-shutdown", "--no-shutdown cannot go "
		    "with --peer and --type=dgram" },
		{ "peer verbose raw inet no-shutdown", "" },
		{ "peer chunk stats progress linger no-shutdown", "" },
		{ "chunk", "" },
		{ "chunk seqpacket", "--chunk cannot go with another --type "
		    "than stream" },
		{ "chunk pass-fd", "--chunk cannot go with --pass-fd" },
		{ "dgram no-shutdown", "" },
		{ "raw no-shutdown", "" },
		{ "listen-fds", "" },
		{ "listen-fds fd-3", "" },
		{ "fd-3 listen-fds env", "" },
		{ "fd-4", "" },
		{ "fd-4 listen-fds",
		    "--listen-fds cannot go with another --fd than 3" },
		{ "listen-fds fd-4",
		    "--listen-fds cannot go with another --fd than 3" },
		{ "env-fds env-pid env-names", "" },
		{ "env-fds listen-fds", "--listen-fds cannot go with --env of "
		    "a variable that it sets" },
		{ "env-pid listen-fds", "--listen-fds cannot go with --env of "
		    "a variable that it sets" },
		{ "env-names listen-fds", "--listen-fds cannot go with --env "
		    "of a variable that it sets" },
		{ "listen-fds peer", "" },
		{ "pipes", "" },
		{ "pipes fd-4 env linger timeout no-shutdown", "" },
		{ "pipes fd-3",
		    "--pipes needs two different numbers in --fd" },
		{ "type domain protocol buffer", "" },
		{ "pipes type", "--pipes cannot go with --type" },
		{ "pipes domain", "--pipes cannot go with --domain" },
		{ "pipes protocol", "--pipes cannot go with --protocol" },
		{ "pipes buffer", "--pipes cannot go with --buffer" },
		{ "pipes peer", "--pipes cannot go with --peer" },
		{ "pipes pass-fd", "--pipes cannot go with --pass-fd" },
		{ "pipes listen-fds", "--pipes cannot go with --listen-fds" },
		{ "pass-fd", "" },
		{ "pass-fd dgram env fd-4", "" },
		{ "pass-fd listen-fds", "" },
		{ "pass-fd peer", "--pass-fd cannot go with --peer" },
		{ "pass-fd pipefail", "--pipefail needs --peer" },
		{ "pass-fd kill-after",
		    "--pass-fd cannot go with --kill-after" },
		{ "pass-fd die-with-parent",
		    "--pass-fd cannot go with --die-with-parent" },
		{ "pass-fd no-shutdown",
		    "--pass-fd cannot go with --no-shutdown" },
		{ "pass-fd linger", "--pass-fd cannot go with --linger" },
		{ "pass-fd timeout", "--pass-fd cannot go with --timeout" },
		{ "pass-fd stall", "--pass-fd cannot go with --stall" },
		{ "pass-fd peer-fd", "--peer-fd needs --peer" },
		{ "pass-fd verbose", "--pass-fd cannot go with a trace" },
		{ "pass-fd hex", "--pass-fd cannot go with a trace" },
		{ "pass-fd output", "--pass-fd cannot go with a trace" },
		{ "pass-fd stats", "--pass-fd cannot go with --stats" },
		{ "pass-fd progress", "--pass-fd cannot go with --progress" },
		{ "pass-fd format", "--pass-fd cannot go with --format" },
		{ "pass-fd append", "--pass-fd cannot go with --append" },
		{ "pass-fd snaplen", "--pass-fd cannot go with --snaplen" },
		{ "pass-fd time", "--pass-fd cannot go with --time" },
		{ "pass-fd color", "--pass-fd cannot go with --color" },
		{ "pass-fd pcap-port",
		    "--pass-fd cannot go with --pcap-port" },
		{ "pass-fd time output", "--pass-fd cannot go with a trace" },
		{ "format append snaplen time color pcap-port", "" },
	};
	struct plan_clash clash;
	struct plan plan;
	const char *word;
	char got[200];
	char title[200];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan_init(&plan);
		for (word = rows[i].given; word != NULL;
		    word = strchr(word, ' '))
			give(&plan, *word == ' ' ? ++word : word);
		got[0] = '\0';
		if (plan_has_clash(&plan, &clash))
			snprintf(got, sizeof(got), "--%s %s %s", clash.option,
			    clash.relation, clash.other);
		plan_free(&plan);
		snprintf(title, sizeof(title), "given '%s': %s",
		    rows[i].given, *rows[i].want == '\0' ?
		    "they go together" : rows[i].want);
		is_str(got, rows[i].want, title);
	}
}

int
main(void)
{
	test_clashes();
	return done_testing();
}
