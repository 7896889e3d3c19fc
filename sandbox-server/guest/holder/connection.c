/* The connection to the server. The holder connects out: at once when it was lost, then every 200 ms. */
#include "holder.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { RETRY_MS = 200, IN_BYTES = MAX_FRAME + 4 + (64 << 10) };

static struct sockaddr_un address;
static int fd = -1;
static int64_t connect_at;
static uint8_t in[IN_BYTES];
static size_t in_at, in_stop;

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
	in_at = in_stop = 0;
	out_reset();
	stream_drop_all();
	run_drop_all();
	vitals_every(0);
}

static void try_connect(int64_t now)
{
	connect_at = now + RETRY_MS;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
		close(fd);
		fd = -1;
		return;
	}
	int bytes = 1 << 20; /* fewer turns when a lot comes; the kernel may allow less */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
	send_hello();
}

uint8_t *connection_space(size_t *room)
{
	if (in_at) {
		memmove(in, in + in_at, in_stop - in_at);
		in_stop -= in_at;
		in_at = 0;
	}
	*room = sizeof in - in_stop;
	return in + in_stop;
}

void connection_got(size_t length)
{
	in_stop += length;
}

bool connection_take(void)
{
	while (in_stop - in_at >= 5 && out_used() < OUT_STOP && !out_broken()) {
		struct reader head = {in + in_at, in + in_stop, false};
		uint32_t length = read_u32(&head);
		if (length < 1 || length > MAX_FRAME)
			return false;
		if (in_stop - in_at - 4 < length)
			return true;
		struct reader body = {in + in_at + 5, in + in_at + 4 + length, false};
		uint8_t type = in[in_at + 4];
		in_at += 4 + length;
		if (!request(type, &body))
			return false;
	}
	return true;
}

bool connection_waits(void)
{
	if (fd < 0 || in_stop - in_at < 5 || out_used() >= OUT_STOP)
		return false;
	struct reader head = {in + in_at, in + in_stop, false};
	return read_u32(&head) <= in_stop - in_at - 4;
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
		uint8_t *space = connection_space(&room);
		ssize_t got = room ? recv(fd, space, room, 0) : 1;
		if (got > 0 && room)
			connection_got((size_t)got);
		else if (!got || (got < 0 && errno != EAGAIN && errno != EINTR) || poll_fd->revents & (POLLHUP | POLLERR))
			good = false;
	}
	if (!good || !connection_take())
		lost();
}

void connection_tick(int64_t now)
{
	if (fd < 0 && connect_at <= now)
		try_connect(now);
	if (fd < 0)
		wake_at(connect_at);
	else if (connection_waits() && !connection_take())
		lost();
}
