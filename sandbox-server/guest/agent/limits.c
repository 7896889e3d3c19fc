/* --limit NAME=SOFT:HARD: limits of the kernel for the agent itself, and so for everything that it starts. */
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const struct {
	const char *name;
	int resource;
} known[] = {
    {"nofile", RLIMIT_NOFILE},
    {"core", RLIMIT_CORE},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"nproc", RLIMIT_NPROC},
};

enum { KNOWN = sizeof known / sizeof known[0] };

/* A number of digits alone, up to `end`; false: it is not one, or not one that a limit can be. */
static bool number(const char *text, char end, rlim_t *value, const char **after)
{
	rlim_t sum = 0;
	const char *at = text;
	for (; *at >= '0' && *at <= '9'; at++) {
		rlim_t digit = (rlim_t)(*at - '0');
		if (sum > (RLIM_INFINITY - 1 - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*value = sum;
	*after = at + 1;
	return at > text && *at == end;
}

bool limit_set(const char *text)
{
	for (int i = 0; i < KNOWN; i++) {
		size_t length = strlen(known[i].name);
		if (strncmp(text, known[i].name, length) || text[length] != '=')
			continue;
		struct rlimit limit;
		const char *rest;
		if (!number(text + length + 1, ':', &limit.rlim_cur, &rest) || !number(rest, '\0', &limit.rlim_max, &rest)) {
			fprintf(stderr, "agent: --limit %s: it has to be %s=SOFT:HARD, two numbers\n", text, known[i].name);
			return false;
		}
		if (limit.rlim_cur > limit.rlim_max) {
			fprintf(stderr, "agent: --limit %s: the soft limit must not be above the hard one\n", text);
			return false;
		}
		if (setrlimit(known[i].resource, &limit)) {
			fprintf(stderr, "agent: --limit %s: the kernel refuses it: %s\n", text, strerror(errno));
			return false;
		}
		return true;
	}
	fprintf(stderr, "agent: --limit %s: there is no such limit; there are nofile, core, msgqueue and nproc\n", text);
	return false;
}
