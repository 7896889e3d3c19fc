/*
 * agent --watch-ends: not in a sandbox but beside the server, which cannot wait for processes that are not its own. Reads lines
 * "NAME PID START" (START as in /proc/PID/stat) and writes the line "NAME" when that very process has ended, at once if it has already.
 * Where the kernel gives no descriptor of a process (too many are open, or it is an old kernel), it is looked at every so often. Ends when
 * its input does.
 */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 512,
	NAME_MAX_BYTES = 256,
	LOOK_MS = 500,
};

struct watched {
	char name[NAME_MAX_BYTES];
	int pid;
	unsigned long long start;
};

/* fds[0] is our input; fds[i + 1] is watched[i]'s process, its descriptor -1 where there is none. */
static struct pollfd *fds;
static struct watched *watched;
static size_t count, room;
/* Let go of for a moment where no other descriptor is to be had. */
static int spare = -1;

static void tell(const char *name)
{
	if (printf("%s\n", name) < 0 || fflush(stdout))
		exit(0); /* nobody listens any more */
}

/* Whether that very process is still there, and more of it than its remains. What cannot be read has not ended. */
static bool runs(int pid, unsigned long long start)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && spare >= 0 && (errno == EMFILE || errno == ENFILE)) {
		close(spare);
		spare = -1;
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	bool gone = fd < 0 && (errno == ENOENT || errno == ESRCH);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0) {
		gone = length < 0 && errno == ESRCH;
		close(fd);
	}
	if (spare < 0)
		spare = open("/", O_PATH | O_CLOEXEC);
	if (length <= 0)
		return !gone;
	text[length] = 0;
	/* Its name, in parentheses, may hold anything. */
	char *at = strrchr(text, ')');
	if (!at || at[1] != ' ' || at[2] == 'Z')
		return false;
	at += 2;
	for (int field = 3; field < 22 && at; field++)
		at = strchr(at + 1, ' ');
	return at && strtoull(at, NULL, 10) == start;
}

static void watch(const char *name, int pid, unsigned long long start)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	/* Only now: the number cannot become another's between the two. */
	if (!runs(pid, start)) {
		if (fd >= 0)
			close(fd);
		tell(name);
		return;
	}
	if (count == room) {
		room = room ? 2 * room : 64;
		fds = realloc(fds, (room + 1) * sizeof *fds);
		watched = realloc(watched, room * sizeof *watched);
		if (!fds || !watched)
			exit(1);
	}
	watched[count].pid = pid;
	watched[count].start = start;
	snprintf(watched[count].name, sizeof watched[count].name, "%s", name);
	fds[count + 1] = (struct pollfd){.fd = fd, .events = POLLIN};
	count++;
}

static void take(const char *line)
{
	char name[NAME_MAX_BYTES];
	int pid;
	unsigned long long start;
	if (sscanf(line, "%255s %d %llu", name, &pid, &start) == 3)
		watch(name, pid, start);
}

/* false: there is no more. */
static bool take_input(void)
{
	static char line[LINE_MAX_BYTES];
	static size_t filled;
	ssize_t length = read(0, line + filled, sizeof line - 1 - filled);
	if (length < 0)
		return errno == EINTR || errno == EAGAIN;
	if (length == 0)
		return false;
	filled += (size_t)length;
	line[filled] = 0;
	char *from = line, *end;
	while ((end = strchr(from, '\n'))) {
		*end = 0;
		take(from);
		from = end + 1;
	}
	filled -= (size_t)(from - line);
	memmove(line, from, filled);
	return filled < sizeof line - 1;
}

int watch_ends(void)
{
	fds = calloc(1, sizeof *fds);
	if (!fds)
		return 1;
	spare = open("/", O_PATH | O_CLOEXEC);
	fds[0] = (struct pollfd){.fd = 0, .events = POLLIN};
	for (;;) {
		int wait = -1;
		for (size_t i = 1; i <= count; i++)
			if (fds[i].fd < 0)
				wait = LOOK_MS;
		if (poll(fds, (nfds_t)count + 1, wait) < 0)
			continue;
		for (size_t i = count; i > 0; i--) {
			if (fds[i].fd < 0 ? runs(watched[i - 1].pid, watched[i - 1].start) : !fds[i].revents)
				continue;
			if (fds[i].fd >= 0)
				close(fds[i].fd);
			tell(watched[i - 1].name);
			count--;
			fds[i] = fds[count + 1];
			watched[i - 1] = watched[count];
		}
		if (fds[0].revents && !take_input())
			return 0;
	}
}
