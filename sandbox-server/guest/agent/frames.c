/* Reading and writing of frames (protocol §1): little-endian, every length checked. */
#include "agent.h"

#include <string.h>

static const uint8_t *take(struct reader *r, size_t length)
{
	static const uint8_t zeros[8];
	if (r->bad || (size_t)(r->end - r->at) < length) {
		r->bad = true;
		return zeros;
	}
	const uint8_t *at = r->at;
	r->at += length;
	return at;
}

uint8_t read_u8(struct reader *r)
{
	return take(r, 1)[0];
}

uint16_t read_u16(struct reader *r)
{
	const uint8_t *p = take(r, 2);
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t read_u32(struct reader *r)
{
	const uint8_t *p = take(r, 4);
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t read_u64(struct reader *r)
{
	uint64_t low = read_u32(r);
	return low | (uint64_t)read_u32(r) << 32;
}

char *read_str(struct reader *r)
{
	static char empty[1];
	empty[0] = 0;
	uint8_t *begin = r->at;
	size_t length = read_u16(r);
	const uint8_t *bytes = take(r, length);
	if (r->bad || memchr(bytes, 0, length)) {
		r->bad = true;
		return empty;
	}
	/* Moved one byte forward, over its own length, to make room for the NUL. */
	memmove(begin + 1, bytes, length);
	begin[1 + length] = 0;
	return (char *)begin + 1;
}

int read_list(struct reader *r, char **list, int max)
{
	int count = read_u16(r), kept = 0;
	for (int i = 0; i < count && !r->bad; i++) {
		char *text = read_str(r);
		if (kept < max)
			list[kept++] = text;
	}
	list[kept] = NULL;
	return count > max ? -1 : kept;
}

static uint8_t out[OUT_BYTES];
static size_t out_at, out_stop, frame;
static bool broken;

void out_reset(void)
{
	out_at = out_stop = 0;
	broken = false;
}

size_t out_used(void)
{
	return out_stop - out_at;
}

bool out_broken(void)
{
	return broken;
}

void out_bytes(const void *bytes, size_t length)
{
	if (broken || sizeof out - out_stop < length) {
		broken = true;
		return;
	}
	if (length)
		memcpy(out + out_stop, bytes, length);
	out_stop += length;
}

void out_u8(uint8_t value)
{
	out_bytes(&value, 1);
}

void out_u16(uint16_t value)
{
	out_bytes((uint8_t[]){(uint8_t)value, (uint8_t)(value >> 8)}, 2);
}

void out_u32(uint32_t value)
{
	out_u16((uint16_t)value);
	out_u16((uint16_t)(value >> 16));
}

void out_u64(uint64_t value)
{
	out_u32((uint32_t)value);
	out_u32((uint32_t)(value >> 32));
}

void out_str(const char *text)
{
	size_t length = strlen(text);
	out_u16((uint16_t)length);
	out_bytes(text, length);
}

void out_begin(uint8_t type)
{
	/* Frames are made only while there is room for one more of them; the space before out_at is taken back in time. */
	if (out_at && sizeof out - out_stop < (size_t)MAX_FRAME) {
		memmove(out, out + out_at, out_stop - out_at);
		out_stop -= out_at;
		out_at = 0;
	}
	frame = out_stop;
	out_u32(0);
	out_u8(type);
}

void out_end(void)
{
	if (broken)
		return;
	uint32_t length = (uint32_t)(out_stop - frame - 4);
	for (int i = 0; i < 4; i++)
		out[frame + (size_t)i] = (uint8_t)(length >> 8 * i);
}

const uint8_t *out_pending(size_t *length)
{
	*length = out_stop - out_at;
	return out + out_at;
}

void out_took(size_t length)
{
	out_at += length;
	if (out_at == out_stop)
		out_at = out_stop = 0;
}

void out_error(uint32_t id, uint8_t request_type, int error, const char *text)
{
	out_begin(ERROR);
	out_u32(id);
	out_u8(request_type);
	out_u16((uint16_t)error);
	out_str(text);
	out_end();
}
