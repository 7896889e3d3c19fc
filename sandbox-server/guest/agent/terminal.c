/* Terminals: a shell on a pseudo-terminal, its ring, and what is typed into it.
 * (Over 400 lines: one short function for each request and each event, over one table of terminals.) */
#include "agent.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* What a shell has written before it ended arrives within this time, even when a background job keeps the terminal open. */
enum { DRAIN_MS = 50, KILL_MS = 1000, QUIET_MS = 100 };

struct terminal terminals[MAX_TERMINALS];
extern char **environ;

struct terminal *terminal_find(uint32_t id)
{
	for (int i = 0; i < MAX_TERMINALS; i++)
		if (terminals[i].used && terminals[i].id == id)
			return &terminals[i];
	return NULL;
}

static void drop(struct terminal *t)
{
	stream_drop_terminal(t);
	if (t->master >= 0)
		close(t->master);
	if (t->report >= 0)
		close(t->report);
	if (t->give >= 0)
		close(t->give);
	if (t->input)
		munmap(t->input, INPUT_BYTES);
	ring_close(&t->ring);
	*t = (struct terminal){.master = -1, .report = -1, .give = -1};
}

/* The agent's own environment with `extra` over it. */
static void merge_env(char **into, char **extra)
{
	int used = 0;
	for (char **e = extra; *e; e++)
		into[used++] = *e;
	for (char **own = environ; *own && used < 2 * MAX_ENV; own++) {
		size_t name = strcspn(*own, "=");
		bool replaced = false;
		for (char **e = extra; *e; e++)
			replaced |= !strncmp(*e, *own, name) && (*e)[name] == '=';
		if (!replaced)
			into[used++] = *own;
	}
	into[used] = NULL;
}

void terminal_open(struct reader *r, bool ahead)
{
	static char *argv[MAX_ARGS + 1], *extra[MAX_ENV + 1], *env[2 * MAX_ENV + 1];
	uint32_t id = read_u32(r);
	uint16_t cols = read_u16(r), rows = read_u16(r);
	const char *key = read_str(r), *cwd = read_str(r);
	int args = read_list(r, argv, MAX_ARGS), envs = read_list(r, extra, MAX_ENV);
	if (r->bad || r->at != r->end)
		return;

	struct terminal *t = NULL;
	for (int i = MAX_TERMINALS - 1; i >= 0; i--)
		if (!terminals[i].used)
			t = &terminals[i];
	int error = terminal_find(id) ? EEXIST
		: !t                      ? EMFILE
		: strlen(key) > MAX_KEY   ? ENAMETOOLONG
		: args < 0 || envs < 0    ? E2BIG
		: !args || !argv[0][0] || !cols || !rows || cols > 1000 || rows > 1000 ? EINVAL
		: 0;
	if (error) {
		out_error(id, OPEN, error, "terminal refused");
		return;
	}
	*t = (struct terminal){.id = id, .master = -1, .report = -1, .give = -1, .cols = cols, .rows = rows};
	strcpy(t->key, key);
	void *input = mmap(NULL, INPUT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (input != MAP_FAILED)
		t->input = input;
	error = t->input ? ring_open(&t->ring, cols, rows) : errno;
	struct spawned s = {.master = -1, .report = -1, .give = -1};
	if (!error) {
		merge_env(env, extra);
		error = spawn_shell(&s, &(struct shell){argv, env, cwd, cols, rows, ahead});
	}
	if (error) {
		drop(t);
		out_error(id, OPEN, error, strerror(error));
		return;
	}
	t->pid = s.pid;
	t->master = s.master;
	t->report = s.report;
	t->give = s.give;
	t->used = t->alive = t->starting = true;
}

/* One value after the other, each ended by NUL; false when they do not fit. */
static bool gather(uint8_t *into, size_t *used, const char *value)
{
	size_t length = strlen(value) + 1;
	if (length > GIVE_BYTES - *used)
		return false;
	memcpy(into + *used, value, length);
	*used += length;
	return true;
}

/* A shell that was opened ahead gets its terminal's key and size, and what it waits for. It answers with its prompt. */
void terminal_give(struct reader *r)
{
	static char *values[MAX_ENV + 1];
	uint32_t id = read_u32(r);
	uint16_t cols = read_u16(r), rows = read_u16(r);
	const char *key = read_str(r), *cwd = read_str(r);
	int count = read_list(r, values, MAX_ENV);
	if (r->bad || r->at != r->end)
		return;

	struct terminal *t = terminal_find(id);
	int error = !t || !t->alive || t->closing ? ENOENT
		: t->give < 0           ? EALREADY
		: strlen(key) > MAX_KEY ? ENAMETOOLONG
		: count < 0             ? E2BIG
		: !cols || !rows || cols > 1000 || rows > 1000 ? EINVAL
		: 0;
	uint8_t bytes[GIVE_BYTES];
	size_t used = 0;
	if (!error && !gather(bytes, &used, cwd))
		error = E2BIG;
	for (int i = 0; !error && i < count; i++)
		if (!gather(bytes, &used, values[i]))
			error = E2BIG;
	if (error) {
		out_error(id, GIVE, error, "not given");
		return;
	}
	strcpy(t->key, key);
	t->cols = cols;
	t->rows = rows;
	if (t->ring.end == 0)
		ring_begin(&t->ring, cols, rows);
	else
		ring_resize(&t->ring, cols, rows);
	set_size(t->master, cols, rows);
	/* A learner mounts nothing where the agent looks, so this does not wait; a process for it would cost more than all the rest. */
	make_folder(cwd);
	/* A shell that has just ended does not read it: EXITED is on its way. */
	ssize_t wrote = write(t->give, bytes, used);
	(void)wrote;
	close(t->give);
	t->give = -1;
}

static void flush_input(struct terminal *t)
{
	while (t->input_used && t->master >= 0) {
		ssize_t wrote = write(t->master, t->input + t->input_at, t->input_used);
		if (wrote < 0 && errno != EAGAIN && errno != EINTR)
			t->input_used = 0; /* nobody is there to read it */
		if (wrote <= 0)
			return;
		t->input_at += (size_t)wrote;
		t->input_used -= (size_t)wrote;
	}
	t->input_at = 0;
}

/*
 * Ctrl-C behind a long paste that its program does not read would never come to be read either. It is done at once then, and what waits is let
 * go, as a terminal does with what has been typed ahead.
 */
static bool interrupt(struct terminal *t, const uint8_t *bytes, size_t length)
{
	struct termios mode;
	if (!t->input_used || length != 1 || tcgetattr(t->master, &mode) || !(mode.c_lflag & ISIG) || bytes[0] != mode.c_cc[VINTR]
		|| mode.c_cc[VINTR] == _POSIX_VDISABLE)
		return false;
	t->input_at = t->input_used = 0;
	forget_typed(t->master);
	return !ioctl(t->master, TIOCSIG, SIGINT);
}

void terminal_input(uint32_t id, const uint8_t *bytes, size_t length)
{
	struct terminal *t = terminal_find(id);
	if (!t || !t->alive || t->master < 0) {
		out_error(id, INPUT, t ? EIO : ENOENT, "no shell there");
		return;
	}
	if (interrupt(t, bytes, length))
		return;
	if (length > INPUT_BYTES - t->input_at - t->input_used && t->input_at) {
		memmove(t->input, t->input + t->input_at, t->input_used);
		t->input_at = 0;
	}
	/* A program that does not read must not stall the other terminals nor grow the agent without bound: what exceeds is dropped. */
	size_t room = INPUT_BYTES - t->input_at - t->input_used;
	if (length > room)
		length = room;
	if (length)
		memcpy(t->input + t->input_at + t->input_used, bytes, length);
	t->input_used += length;
	flush_input(t);
}

static void end(struct terminal *t)
{
	if (t->master >= 0)
		close(t->master);
	t->master = -1;
	t->drain_until = 0;
	t->alive = false;
	t->input_used = 0;
	if (connection_up()) {
		out_begin(EXITED);
		out_u32(t->id);
		out_u8(t->end_kind);
		out_u8(t->end_code);
		out_end();
	}
	if (t->closing && !t->kill_at)
		drop(t);
}

/* Takes what the terminal has, at most `bound` bytes. */
static void drain(struct terminal *t, size_t bound)
{
	while (bound && t->master >= 0) {
		size_t room;
		uint8_t *space = ring_space(&t->ring, &room);
		ssize_t got = read(t->master, space, room < bound ? room : bound);
		if (got > 0) {
			ring_wrote(&t->ring, (size_t)got);
			bound -= (size_t)got;
			continue;
		}
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (t->drain_until && !t->starting)
			end(t);
		else
			t->quiet_until = now_ms() + QUIET_MS; /* the shell lives, but has nothing open on it just now */
		return;
	}
}

void terminal_resize(uint32_t id, uint16_t cols, uint16_t rows)
{
	struct terminal *t = terminal_find(id);
	int error = !t ? ENOENT : !cols || !rows || cols > 1000 || rows > 1000 ? EINVAL : 0;
	if (error) {
		out_error(id, RESIZE, error, strerror(error));
		return;
	}
	if (t->cols == cols && t->rows == rows)
		return;
	/* What was written for the old size belongs before the resize. */
	if (!stream_paused(t))
		drain(t, READ_BYTES);
	if (!t->used)
		return;
	t->cols = cols;
	t->rows = rows;
	ring_resize(&t->ring, cols, rows);
	if (t->master >= 0)
		set_size(t->master, cols, rows);
}

void terminal_close(uint32_t id)
{
	struct terminal *t = terminal_find(id);
	if (!t || t->closing) {
		if (!t)
			out_error(id, CLOSE, ENOENT, strerror(ENOENT));
		return;
	}
	stream_drop_terminal(t);
	if (!t->alive) {
		drop(t);
		return;
	}
	t->closing = true;
	t->kill_at = now_ms() + KILL_MS;
	signal_session(t->pid, SIGHUP);
	signal_session(t->pid, SIGCONT); /* a stopped program has to run to see it */
}

bool terminal_reaped(pid_t pid, int status)
{
	for (int i = 0; i < MAX_TERMINALS; i++) {
		struct terminal *t = &terminals[i];
		if (!t->used || t->pid != pid || t->drain_until || !t->alive)
			continue;
		t->end_kind = WIFSIGNALED(status);
		t->end_code = (uint8_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		t->drain_until = now_ms() + DRAIN_MS;
		t->quiet_until = 0;
		return true;
	}
	return false;
}

void terminal_hello(void)
{
	uint16_t count = 0;
	for (int i = 0; i < MAX_TERMINALS; i++)
		count += terminals[i].used && !terminals[i].closing;
	out_u16(count);
	for (int i = 0; i < MAX_TERMINALS; i++) {
		struct terminal *t = &terminals[i];
		if (!t->used || t->closing)
			continue;
		t->starting = false; /* told here: no OPENED any more */
		out_u32(t->id);
		out_str(t->key);
		out_u8(t->alive);
		out_u8(t->end_kind);
		out_u8(t->end_code);
		out_u16(t->cols);
		out_u16(t->rows);
		out_u64(t->ring.start);
		out_u64(t->ring.end);
	}
}

/* The child's report: nothing but its end when the shell runs, else why it does not. */
static void reported(struct terminal *t)
{
	uint8_t error;
	ssize_t got = read(t->report, &error, 1);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	close(t->report);
	t->report = -1;
	if (!t->starting)
		return; /* an earlier connection asked for it: if it failed, EXITED with code 127 says so */
	t->starting = false;
	if (got == 1) {
		if (connection_up()) /* else it would come before the next HELLO, which then counts as malformed */
			out_error(t->id, OPEN, error, strerror(error));
		drop(t);
	} else if (connection_up()) {
		out_begin(OPENED);
		out_u32(t->id);
		out_u32((uint32_t)t->pid);
		out_end();
	}
}

int terminal_poll(struct pollfd *fds)
{
	for (int i = 0; i < MAX_TERMINALS; i++) {
		struct terminal *t = &terminals[i];
		fds[2 * i] = fds[2 * i + 1] = (struct pollfd){.fd = -1};
		if (!t->used)
			continue;
		fds[2 * i + 1] = (struct pollfd){.fd = t->report, .events = POLLIN};
		t->paused = !t->drain_until && stream_paused(t);
		short events = (short)((t->paused ? 0 : POLLIN) | (t->input_used ? POLLOUT : 0));
		/* Nothing asked for: not even POLLHUP, which would spin. */
		if (t->master >= 0 && events && !t->quiet_until)
			fds[2 * i] = (struct pollfd){.fd = t->master, .events = events};
	}
	return 2 * MAX_TERMINALS;
}

void terminal_polled(const struct pollfd *fds)
{
	for (int i = 0; i < MAX_TERMINALS; i++) {
		struct terminal *t = &terminals[i];
		if (t->report >= 0 && t->used && fds[2 * i + 1].revents && fds[2 * i + 1].fd == t->report)
			reported(t);
		if (!t->used || t->master < 0 || fds[2 * i].fd != t->master || !fds[2 * i].revents)
			continue;
		if (fds[2 * i].revents & POLLOUT)
			flush_input(t);
		if (!t->paused)
			drain(t, READ_BYTES);
		else if (fds[2 * i].revents & (POLLHUP | POLLERR))
			t->quiet_until = now_ms() + QUIET_MS;
	}
}

void terminal_tick(int64_t now)
{
	for (int i = 0; i < MAX_TERMINALS; i++) {
		struct terminal *t = &terminals[i];
		if (t->used && t->quiet_until && t->quiet_until <= now)
			t->quiet_until = 0;
		if (t->used && t->kill_at && t->kill_at <= now) {
			signal_session(t->pid, SIGKILL);
			t->kill_at = 0;
			if (!t->alive) {
				drop(t);
				continue;
			}
		}
		if (t->used && !t->starting && t->drain_until && (t->drain_until <= now || t->master < 0))
			end(t);
		if (!t->used)
			continue;
		if (t->quiet_until)
			wake_at(t->quiet_until);
		if (t->kill_at)
			wake_at(t->kill_at);
		if (t->drain_until)
			wake_at(t->drain_until);
	}
}

void terminal_end_all(int number)
{
	for (int i = 0; i < MAX_TERMINALS; i++)
		if (terminals[i].used && terminals[i].alive)
			signal_session(terminals[i].pid, number);
}
