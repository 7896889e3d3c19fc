/* Vital signs: what the sandbox's control group and file systems say. Unknown is 0. Both versions of control groups. */
#include "agent.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

const char *mounts[MAX_MOUNTS];
int mounts_used;

static uint32_t every;
static int64_t next;

static bool slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size_t used = 0;
	ssize_t got;
	while (used < size - 1 && (got = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	close(fd);
	text[used] = 0;
	return used > 0;
}

/* The number that a file holds, or that follows `word` at the beginning of one of its lines. "max" is 0: no limit. */
static uint64_t number(const char *path, const char *word)
{
	char text[8192];
	if (!slurp(path, text, sizeof text))
		return 0;
	const char *at = text;
	size_t length = word ? strlen(word) : 0;
	while (word && (strncmp(at, word, length) || at[length] != ' ')) {
		at = strchr(at, '\n');
		if (!at)
			return 0;
		at++;
	}
	return strtoull(at + length, NULL, 10);
}

static uint64_t without(uint64_t used, uint64_t cache)
{
	return used > cache ? used - cache : 0;
}

static void control_group(void)
{
	static const char v1[] = "/sys/fs/cgroup/memory/memory.usage_in_bytes";
	bool two = access(v1, R_OK) != 0;
	/* Files that are only cached can be given up at any time: they are not use. */
	uint64_t used = two ? number("/sys/fs/cgroup/memory.current", NULL) : number(v1, NULL);
	uint64_t cache = two ? number("/sys/fs/cgroup/memory.stat", "inactive_file")
		: number("/sys/fs/cgroup/memory/memory.stat", "total_inactive_file");
	uint64_t limit = two ? number("/sys/fs/cgroup/memory.max", NULL) : number("/sys/fs/cgroup/memory/memory.limit_in_bytes", NULL);
	out_u64(without(used, cache));
	out_u64(limit >> 60 ? 0 : limit); /* version 1 says "none" by a number near 2^63 */
	out_u64(two ? number("/sys/fs/cgroup/memory.events", "oom_kill") : number("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill"));
	out_u32((uint32_t)number(two ? "/sys/fs/cgroup/pids.current" : "/sys/fs/cgroup/pids/pids.current", NULL));
	out_u32((uint32_t)number(two ? "/sys/fs/cgroup/pids.max" : "/sys/fs/cgroup/pids/pids.max", NULL));
	out_u64(number(two ? "/sys/fs/cgroup/pids.events" : "/sys/fs/cgroup/pids/pids.events", "max"));
}

static void send_vitals(void)
{
	out_begin(VITALS);
	control_group();
	out_u16((uint16_t)mounts_used);
	for (int i = 0; i < mounts_used; i++) {
		struct statvfs s;
		if (statvfs(mounts[i], &s))
			memset(&s, 0, sizeof s);
		out_str(mounts[i]);
		out_u64((uint64_t)s.f_blocks * s.f_frsize);
		out_u64((uint64_t)s.f_bavail * s.f_frsize);
		out_u64(s.f_files);
		out_u64(s.f_favail);
	}
	out_end();
}

void vitals_every(uint32_t ms)
{
	/* Not so often that looking becomes the work. */
	every = ms && ms < 100 ? 100 : ms;
	next = 0;
}

void vitals_tick(int64_t now)
{
	if (!every || !connection_up())
		return;
	if (next <= now) {
		if (out_used() < OUT_HIGH) /* a server that does not read gets the next ones */
			send_vitals();
		next = now + every;
	}
	wake_at(next);
}
