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

enum { AGAIN = 60000 };

static uint32_t every;
static int64_t next, again;

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

/* Files that are only cached can be given up at any time: they are not use. */
static uint64_t memory_used(bool two)
{
	uint64_t used = number(two ? "/sys/fs/cgroup/memory.current" : "/sys/fs/cgroup/memory/memory.usage_in_bytes", NULL);
	uint64_t cache = two ? number("/sys/fs/cgroup/memory.stat", "inactive_file")
		: number("/sys/fs/cgroup/memory/memory.stat", "total_inactive_file");
	return used > cache ? used - cache : 0;
}

/* All but the memory in use, which is never the same and which it takes the kernel most to say. */
struct signs {
	uint64_t limit, oom_kills, processes, process_limit, process_hits;
	struct { uint64_t bytes, bytes_free, inodes, inodes_free; } mounts[MAX_MOUNTS];
};

static struct signs read_signs(bool two)
{
	struct signs now = {
		.limit = number(two ? "/sys/fs/cgroup/memory.max" : "/sys/fs/cgroup/memory/memory.limit_in_bytes", NULL),
		.oom_kills = number(two ? "/sys/fs/cgroup/memory.events" : "/sys/fs/cgroup/memory/memory.oom_control", "oom_kill"),
		.processes = number(two ? "/sys/fs/cgroup/pids.current" : "/sys/fs/cgroup/pids/pids.current", NULL),
		.process_limit = number(two ? "/sys/fs/cgroup/pids.max" : "/sys/fs/cgroup/pids/pids.max", NULL),
		.process_hits = number(two ? "/sys/fs/cgroup/pids.events" : "/sys/fs/cgroup/pids/pids.events", "max"),
	};
	if (now.limit >> 60)
		now.limit = 0; /* version 1 says "none" by a number near 2^63 */
	for (int i = 0; i < mounts_used; i++) {
		struct statvfs s;
		if (statvfs(mounts[i], &s))
			continue;
		now.mounts[i].bytes = (uint64_t)s.f_blocks * s.f_frsize;
		now.mounts[i].bytes_free = (uint64_t)s.f_bavail * s.f_frsize;
		now.mounts[i].inodes = s.f_files;
		now.mounts[i].inodes_free = s.f_favail;
	}
	return now;
}

static void send_vitals(const struct signs *signs, uint64_t used)
{
	out_begin(VITALS);
	out_u64(used);
	out_u64(signs->limit);
	out_u64(signs->oom_kills);
	out_u32((uint32_t)signs->processes);
	out_u32((uint32_t)signs->process_limit);
	out_u64(signs->process_hits);
	out_u16((uint16_t)mounts_used);
	for (int i = 0; i < mounts_used; i++) {
		out_str(mounts[i]);
		out_u64(signs->mounts[i].bytes);
		out_u64(signs->mounts[i].bytes_free);
		out_u64(signs->mounts[i].inodes);
		out_u64(signs->mounts[i].inodes_free);
	}
	out_end();
}

/* Nobody has to hear the same again and again: of a learner who does nothing, once in AGAIN. */
static void look(int64_t now)
{
	static struct signs told;
	bool two = access("/sys/fs/cgroup/memory/memory.usage_in_bytes", R_OK) != 0;
	struct signs signs = read_signs(two);
	if (now < again && !memcmp(&signs, &told, sizeof signs))
		return;
	told = signs;
	again = now + AGAIN;
	send_vitals(&signs, memory_used(two));
}

void vitals_every(uint32_t ms)
{
	/* Not so often that looking becomes the work. */
	every = ms && ms < 100 ? 100 : ms;
	next = again = 0;
}

void vitals_tick(int64_t now)
{
	if (!every || !connection_up())
		return;
	if (next <= now) {
		if (out_used() < OUT_HIGH) /* a server that does not read gets the next ones */
			look(now);
		next = now + every;
	}
	wake_at(next);
}
