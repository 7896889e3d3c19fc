/* The connection to the server. The agent connects out: at once when it was lost, then every 200 ms. */
#include "agent.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { RETRY_MS = 200 };

static struct sockaddr_un address;
static int fd = -1;
static int64_t connect_at;

void connection_init(const char *path)
{
	address.sun_family = AF_UNIX;
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
}

bool connection_up(void)
{
	return fd >= 0;
}

static void lost(void)
{
	close(fd);
	fd = -1;
	in_reset();
	out_reset();
	connection_forget();
	/* Wherever this turn of the loop is: the next one comes, and connects again. What is sent goes out last, after every tick. */
	wake_at(connect_at);
}

/*
 * The server removes the socket's folder with the sandbox. A container that lives on all the same is one that the engine has lost count of
 * (its daemon was killed in the middle of a removal): nobody can ever reach it again, or end it.
 */
static bool is_forgotten(void)
{
	char folder[sizeof address.sun_path];
	struct stat found;
	memcpy(folder, address.sun_path, sizeof folder);
	char *end = strrchr(folder, '/');
	if (!end || end == folder)
		return false;
	*end = '\0';
	return !stat(folder, &found) && !found.st_nlink;
}

static void try_connect(int64_t now)
{
	connect_at = now + RETRY_MS;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
		if (errno == ENOENT && is_forgotten())
			shutting_down = true;
		close(fd);
		fd = -1;
		return;
	}
	int bytes = 1 << 20; /* fewer turns when a lot comes; the kernel may allow less */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
	send_hello();
}

void connection_flush(void)
{
	size_t length;
	const uint8_t *bytes;
	while (fd >= 0 && (bytes = out_pending(&length), length)) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
		if (sent > 0) {
			out_took((size_t)sent);
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			lost();
		return;
	}
	if (fd >= 0 && out_broken())
		lost();
}

int connection_poll(struct pollfd *poll_fd)
{
	size_t waiting;
	out_pending(&waiting);
	/* While nothing is read (full of answers) the end of the connection still shows as POLLHUP. */
	short events = (short)((out_used() < OUT_STOP ? POLLIN : 0) | (waiting ? POLLOUT : 0));
	*poll_fd = (struct pollfd){.fd = fd, .events = events};
	return 1;
}

void connection_polled(const struct pollfd *poll_fd)
{
	if (fd < 0 || poll_fd->fd != fd)
		return;
	bool good = true;
	if (poll_fd->revents & (POLLIN | POLLHUP | POLLERR)) {
		size_t room;
		uint8_t *space = in_space(&room);
		ssize_t got = room ? recv(fd, space, room, 0) : 1;
		if (got > 0 && room)
			in_got((size_t)got);
		else if (!got || (got < 0 && errno != EAGAIN && errno != EINTR) || poll_fd->revents & (POLLHUP | POLLERR))
			good = false;
	}
	if (!good || !in_take())
		lost();
}

void connection_tick(int64_t now)
{
	if (fd < 0 && connect_at <= now)
		try_connect(now);
	if (fd < 0)
		wake_at(connect_at);
	else if (in_waits() && !in_take())
		lost();
}
