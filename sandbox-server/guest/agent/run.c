/* Scripts of the server: text into a sealed memfd, run in a session of its own, with bounded time and output. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u
#endif

/* After SIGKILL a group is looked at so often, and at most so long: a member may be a zombie whose parent will not have it. */
enum { LOOK_MS = 5, GIVE_UP_MS = 2000 };

enum phase { FREE, LOADING, RUNNING, ENDING };

struct run {
	enum phase phase;
	uint32_t id, limit_ms, left;   /* left: bytes of output that may still come */
	int error;                     /* why it cannot start */
	uint8_t outcome, code;
	bool decided;                  /* outcome is settled before the end: time, output, cancelled */
	bool stays;                    /* what it leaves in its group goes on when it has ended well */
	bool reaped;
	bool orphan;                   /* the connection that asked for it has ended: nobody is told */
	pid_t pid;
	int script, input, out, err, report;
	size_t input_used;
	int64_t started, deadline, ended, give_up;
	uint8_t *memory;               /* frame of RUN, kept for its strings */
	size_t memory_size;
	char *cwd, *env[MAX_ENV + 1];
};
static struct run runs[MAX_RUNS];

static struct run *find(uint32_t id)
{
	for (int i = 0; i < MAX_RUNS; i++)
		if (runs[i].phase && !runs[i].orphan && runs[i].id == id)
			return &runs[i];
	return NULL;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void forget(struct run *run)
{
	int *all[] = {&run->script, &run->input, &run->out, &run->err, &run->report};
	for (int i = 0; i < 5; i++)
		close_fd(all[i]);
	if (run->memory)
		munmap(run->memory, run->memory_size);
	*run = (struct run){.script = -1, .input = -1, .out = -1, .err = -1, .report = -1};
}

static void tell(struct run *run, uint8_t outcome, uint8_t code, int64_t ms)
{
	if (connection_up() && !run->orphan) {
		out_begin(RAN);
		out_u32(run->id);
		out_u8(outcome);
		out_u8(code);
		out_u32((uint32_t)ms);
		out_end();
	}
	forget(run);
}

static int memory_file(const char *name, unsigned flags)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
	if (fd < 0 && errno == EINVAL && flags) /* a kernel before 6.3 has no MFD_EXEC: there every one may be executed */
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

static int write_all(int fd, const uint8_t *bytes, size_t length)
{
	while (length) {
		ssize_t wrote = write(fd, bytes, length);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return wrote ? errno : EIO;
		bytes += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

/* The strings live in the connection's buffer, which moves on: a copy of the frame keeps them, at the same distances. */
static int keep_strings(struct run *run, uint8_t *begin, size_t length)
{
	run->memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (run->memory == MAP_FAILED) {
		run->memory = NULL;
		return errno;
	}
	run->memory_size = length;
	memcpy(run->memory, begin, length);
	ptrdiff_t moved = (char *)run->memory - (char *)begin;
	run->cwd += moved;
	for (char **e = run->env; *e; e++)
		*e += moved;
	return 0;
}

void run_new(struct reader *r)
{
	uint8_t *begin = r->at;
	struct run new = {.phase = LOADING, .script = -1, .input = -1, .out = -1, .err = -1, .report = -1};
	new.id = read_u32(r);
	new.limit_ms = read_u32(r);
	new.left = read_u32(r);
	new.stays = read_u8(r);
	new.cwd = read_str(r);
	const char *name = read_str(r);
	int envs = read_list(r, new.env, MAX_ENV);
	uint8_t *strings_end = r->at;
	uint32_t length = read_u32(r);
	if (r->bad || (size_t)(r->end - r->at) != length) {
		r->bad = true;
		return;
	}
	const uint8_t *script = r->at;
	r->at = r->end;

	struct run *run = NULL;
	for (int i = 0; i < MAX_RUNS && !run; i++)
		if (!runs[i].phase)
			run = &runs[i];
	int error = find(new.id) ? EEXIST : !run ? EMFILE : envs < 0 ? E2BIG : 0;
	if (error) {
		out_error(new.id, RUN, error, "script refused");
		return;
	}
	if (new.left > MAX_RUN_OUTPUT)
		new.left = MAX_RUN_OUTPUT;
	*run = new;
	char label[64] = "script";
	if (name[0])
		strncpy(label, name, sizeof label - 1);
	run->error = keep_strings(run, begin, (size_t)(strings_end - begin));
	run->script = memory_file(label, MFD_EXEC);
	run->input = memory_file("stdin", 0);
	if (!run->error && (run->script < 0 || run->input < 0))
		run->error = errno;
	if (!run->error)
		run->error = write_all(run->script, script, length);
}

void run_stdin(uint32_t id, const uint8_t *bytes, size_t length)
{
	struct run *run = find(id);
	if (!run || run->phase != LOADING) {
		out_error(id, RUN_STDIN, ENOENT, "no script waits for input");
		return;
	}
	if (length > MAX_STDIN - run->input_used)
		run->error = run->error ? run->error : EFBIG;
	if (run->error)
		return; /* RUN_GO tells it */
	run->input_used += length;
	run->error = write_all(run->input, bytes, length);
}

void run_go(uint32_t id)
{
	struct run *run = find(id);
	if (!run || run->phase != LOADING) {
		out_error(id, RUN_GO, ENOENT, "no script waits to start");
		return;
	}
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	if (!run->error && (fcntl(run->script, F_ADD_SEALS, seals) || lseek(run->input, 0, SEEK_SET)))
		run->error = errno;
	struct spawned s = {.report = -1, .out = -1, .err = -1};
	if (!run->error)
		run->error = spawn_script(&s, run->script, run->input, run->env, run->cwd);
	if (run->error) {
		tell(run, RAN_NOT_STARTED, (uint8_t)run->error, 0);
		return;
	}
	run->pid = s.pid;
	run->out = s.out;
	run->err = s.err;
	run->report = s.report;
	run->phase = RUNNING;
	run->started = now_ms();
	run->deadline = run->started + run->limit_ms;
	close_fd(&run->script);
	close_fd(&run->input);
}

/* Ends it now, for this reason. */
static void stop(struct run *run, uint8_t outcome)
{
	if (!run->decided) {
		run->decided = true;
		run->outcome = outcome;
		run->code = 0;
	}
	if (!run->reaped)
		kill_leader(run->pid);
}

void run_cancel(uint32_t id)
{
	struct run *run = find(id);
	if (!run)
		return; /* it ended by itself on the way */
	if (run->phase == LOADING)
		tell(run, RAN_CANCELLED, 0, 0);
	else if (run->phase == RUNNING)
		stop(run, RAN_CANCELLED);
}

void run_drop_all(void)
{
	for (int i = 0; i < MAX_RUNS; i++) {
		if (runs[i].phase == LOADING)
			forget(&runs[i]);
		if (!runs[i].phase)
			continue;
		stop(&runs[i], RAN_CANCELLED);
		runs[i].orphan = true;
		runs[i].left = 0;
	}
}

void run_ended(pid_t pid)
{
	for (int i = 0; i < MAX_RUNS; i++)
		/* How a script has ended whose programs may stay is not known yet: run_tick ends them if it was not well. */
		if (runs[i].phase == RUNNING && runs[i].pid == pid && !runs[i].reaped && !runs[i].stays)
			signal_group(pid, SIGKILL);
}

bool run_reaped(pid_t pid, int status)
{
	for (int i = 0; i < MAX_RUNS; i++) {
		struct run *run = &runs[i];
		if (run->phase != RUNNING || run->pid != pid || run->reaped)
			continue;
		if (!run->decided) {
			run->outcome = WIFSIGNALED(status) ? RAN_SIGNAL : RAN_EXITED;
			run->code = (uint8_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		}
		uint8_t error;
		if (run->report >= 0 && read(run->report, &error, 1) == 1) {
			run->outcome = RAN_NOT_STARTED;
			run->code = error;
			run->decided = true;
		}
		run->reaped = true;
		run->phase = ENDING;
		run->ended = now_ms();
		run->give_up = run->ended + GIVE_UP_MS;
		return true;
	}
	return false;
}

/* Takes what a pipe has; false when there is no more for now. */
static bool take(struct run *run, int *fd, uint8_t number)
{
	static uint8_t bytes[READ_BYTES];
	if (*fd < 0 || out_used() >= OUT_HIGH)
		return false;
	ssize_t got = read(*fd, bytes, sizeof bytes);
	if (got <= 0) {
		if (!got || (errno != EAGAIN && errno != EINTR))
			close_fd(fd);
		return false;
	}
	size_t length = (size_t)got;
	bool over = length > run->left;
	if (over)
		length = run->left;
	run->left -= (uint32_t)length;
	if (length && connection_up() && !run->orphan) {
		out_begin(RUN_OUTPUT);
		out_u32(run->id);
		out_u8(number);
		out_bytes(bytes, length);
		out_end();
	}
	if (over) {
		stop(run, RAN_OUTPUT);
		close_fd(&run->out);
		close_fd(&run->err);
	}
	return *fd >= 0;
}

int run_poll(struct pollfd *fds)
{
	bool room = out_used() < OUT_HIGH;
	for (int i = 0; i < MAX_RUNS; i++) {
		bool read_it = runs[i].phase == RUNNING && room;
		fds[2 * i] = (struct pollfd){.fd = read_it ? runs[i].out : -1, .events = POLLIN};
		fds[2 * i + 1] = (struct pollfd){.fd = read_it ? runs[i].err : -1, .events = POLLIN};
	}
	return 2 * MAX_RUNS;
}

void run_polled(const struct pollfd *fds)
{
	for (int i = 0; i < MAX_RUNS; i++) {
		if (fds[2 * i].revents && fds[2 * i].fd == runs[i].out)
			take(&runs[i], &runs[i].out, 1);
		if (fds[2 * i + 1].revents && fds[2 * i + 1].fd == runs[i].err)
			take(&runs[i], &runs[i].err, 2);
	}
}

void run_tick(int64_t now)
{
	for (int i = 0; i < MAX_RUNS; i++) {
		struct run *run = &runs[i];
		if (run->phase == RUNNING) {
			if (run->deadline <= now && !run->decided)
				stop(run, RAN_TIME);
			else if (!run->decided)
				wake_at(run->deadline);
		}
		if (run->phase != ENDING)
			continue;
		bool stay = run->stays && run->outcome == RAN_EXITED && run->code == 0;
		if (!stay && group_alive(run->pid) && now < run->give_up) {
			signal_group(run->pid, SIGKILL);
			wake_at(now + LOOK_MS);
			continue;
		}
		/* What is in the pipes is the script's own; who still holds their other ends has left its group, and is not waited for. */
		while (take(run, &run->out, 1))
			;
		while (take(run, &run->err, 2))
			;
		if (out_used() >= OUT_HIGH && connection_up())
			wake_at(now + LOOK_MS);
		else
			tell(run, run->outcome, run->code, run->ended - run->started);
	}
}
