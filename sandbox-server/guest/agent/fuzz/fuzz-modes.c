/*
 * libFuzzer: output of any kind through a ring, with resizes.
 * Must hold: no byte out of place; the ring starts where a fresh terminal can start, or its preamble opens the sequence it starts in;
 * and the preamble is faithful: whoever reads it is in the state that it was made from.
 */
#include "../agent.h"

#include <assert.h>
#include <string.h>

static void same_attributes(const struct attributes *a, const struct attributes *b)
{
	assert(a->flags == b->flags && a->underline == b->underline && a->fg == b->fg && a->bg == b->bg && a->line == b->line);
}

static void faithful(const struct modes *m)
{
	static struct modes again;
	uint8_t first[PREAMBLE_MAX], second[PREAMBLE_MAX];
	size_t length = modes_preamble(m, first);
	assert(length < PREAMBLE_MAX);
	memset(&again, 0, sizeof again);
	modes_reset(&again, m->rows);
	modes_feed(&again, first, length);
	assert(modes_preamble(&again, second) == length);
	assert(!memcmp(first, second, length));
	/* What the preamble leaves out altogether would not show in the preamble of its reader. */
	assert(again.set == m->set && again.mouse == m->mouse && again.mouse_encoding == m->mouse_encoding);
	assert(again.alternate == m->alternate && again.keypad == m->keypad && again.insert == m->insert && again.newline == m->newline);
	assert(again.cursor_style == m->cursor_style && again.gl == m->gl && !memcmp(again.charset, m->charset, sizeof m->charset));
	assert(!memcmp(again.region, m->region, sizeof m->region) && !strcmp(again.title, m->title));
	same_attributes(&again.now, &m->now);
	same_attributes(&again.saved[0], &m->saved[0]);
	if (m->alternate)
		same_attributes(&again.saved[1], &m->saved[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ring ring;
	if (size < 4 || ring_open(&ring, 80, 24))
		return 0;
	size_t step = 1 + data[0] * 4u, times = 1 + data[1] % 24;
	data += 2;
	size -= 2;
	for (size_t round = 0, at = 0; round < times; at += step) {
		if (at >= size) {
			at = 0;
			round++;
		}
		if (data[at] == 0xff)
			ring_resize(&ring, (uint16_t)(1 + at % 200), (uint16_t)(1 + at % 60));
		size_t left = size - at < step ? size - at : step;
		while (left) {
			size_t room;
			uint8_t *space = ring_space(&ring, &room);
			if (room > left)
				room = left;
			memcpy(space, data + at, room);
			ring_wrote(&ring, room);
			left -= room;
		}
		assert(ring.end - ring.start <= RING_BYTES && ring.events_end - ring.events_start <= RING_EVENTS);
	}
	faithful(&ring.modes);
	ring_close(&ring);
	return 0;
}
