/* Stands where spawn.c stands: processes that do not exist, but whose files do. What they say is for the fuzzer to choose. */
#include "fake-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct fake fakes[FAKES];
uint8_t fake_mood;

static struct fake *fake(struct spawned *s)
{
	static pid_t last = 1000;
	if (fake_mood % 4 == 1)
		return NULL; /* no process to be had */
	for (int i = 0; i < FAKES; i++) {
		struct fake *f = &fakes[i];
		if (f->pid)
			continue;
		int report[2];
		if (pipe2(report, O_CLOEXEC | O_NONBLOCK))
			return NULL;
		if (fake_mood % 4 == 2 && write(report[1], &(uint8_t){ENOENT}, 1) != 1)
			return NULL;
		close(report[1]);
		s->report = report[0];
		s->pid = f->pid = ++last;
		f->alive = true;
		f->ends[0] = f->ends[1] = -1;
		return f;
	}
	return NULL;
}

/* A file of the process: what is written to the returned end comes out of *mine. */
static int pair(int *mine)
{
	int both[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both))
		__builtin_trap();
	*mine = both[0];
	return both[1];
}

int spawn_shell(struct spawned *s, const struct shell *shell)
{
	struct fake *f = fake(s);
	if (!f)
		return EAGAIN;
	f->ends[0] = pair(&s->master);
	if (shell->ahead)
		f->ends[1] = pair(&s->give);
	return 0;
}

int spawn_script(struct spawned *s, int script, int input, char **env, const char *cwd)
{
	(void)script, (void)input, (void)env, (void)cwd;
	struct fake *f = fake(s);
	if (!f)
		return EAGAIN;
	f->ends[0] = pair(&s->out);
	f->ends[1] = pair(&s->err);
	return 0;
}

void fake_end(struct fake *f)
{
	for (int i = 0; i < 2; i++)
		if (f->ends[i] >= 0)
			close(f->ends[i]);
	*f = (struct fake){0};
}

void signal_group(pid_t group, int number)
{
	for (int i = 0; i < FAKES; i++)
		if (fakes[i].pid == group && number == 9)
			fakes[i].alive = false;
}

void kill_leader(pid_t leader)
{
	signal_group(leader, 9);
}

bool group_alive(pid_t group)
{
	return group % 5 == 0; /* some stay, and have to be given up */
}

void signal_session(pid_t session, int number)
{
	signal_group(session, number);
}

void make_folder(const char *path)
{
	(void)path;
}

void forget_typed(int master)
{
	(void)master;
}

int set_size(int master, uint16_t cols, uint16_t rows)
{
	(void)master, (void)cols, (void)rows;
	return 0;
}
