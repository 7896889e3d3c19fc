/* What has arrived from the server: cut into frames, handed on. Knows no socket, so that the fuzzers can feed it. */
#include "agent.h"

#include <string.h>

enum { IN_BYTES = MAX_FRAME + 4 + (64 << 10) };

static uint8_t in[IN_BYTES];
static size_t in_at, in_stop;

void in_reset(void)
{
	in_at = in_stop = 0;
}

uint8_t *in_space(size_t *room)
{
	if (in_at) {
		memmove(in, in + in_at, in_stop - in_at);
		in_stop -= in_at;
		in_at = 0;
	}
	*room = sizeof in - in_stop;
	return in + in_stop;
}

void in_got(size_t length)
{
	in_stop += length;
}

bool in_take(void)
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

bool in_waits(void)
{
	if (in_stop - in_at < 5 || out_used() >= OUT_STOP)
		return false;
	struct reader head = {in + in_at, in + in_stop, false};
	return read_u32(&head) <= in_stop - in_at - 4;
}
