/* Modes, written as the sequences that bring a fresh terminal into them. */
#include "modes.h"

#include <stdio.h>
#include <string.h>

static char *region(char *at, uint16_t top, uint16_t bottom)
{
	return top ? at + sprintf(at, "\033[%u;%ur", top, bottom) : at;
}

static char *attributes(char *at, const struct attributes *a, const char *then)
{
	static const struct attributes none;
	if (!memcmp(a, &none, sizeof none))
		return at;
	at += attributes_write(a, at);
	return at + sprintf(at, "%s", then);
}

size_t modes_preamble(const struct modes *m, uint8_t *into)
{
	char *begin = (char *)into, *at = begin;
	int screen = m->alternate != 0;

	/* Screens first: each has its scroll region and its saved cursor. */
	at = region(at, m->region[0].top, m->region[0].bottom);
	at = attributes(at, &m->saved[0], m->alternate == 1049 ? "" : "\0337");
	if (m->alternate) {
		at += sprintf(at, "\033[?%uh", m->alternate);
		at = region(at, m->region[1].top, m->region[1].bottom);
		at = attributes(at, &m->saved[1], "\0337");
	}
	at += sprintf(at, "\033[m");
	if (screen || m->region[0].top)
		at += sprintf(at, "\033[H");

	for (int i = 0; i < private_modes_used; i++)
		if (m->set & 1u << i)
			at += sprintf(at, "\033[?%u%c", private_modes[i], private_mode_default(private_modes[i]) ? 'l' : 'h');
	if (m->mouse_encoding)
		at += sprintf(at, "\033[?%uh", m->mouse_encoding);
	if (m->mouse)
		at += sprintf(at, "\033[?%uh", m->mouse);
	if (m->keypad)
		at += sprintf(at, "\033=");
	if (m->insert)
		at += sprintf(at, "\033[4h");
	if (m->newline)
		at += sprintf(at, "\033[20h");
	if (m->cursor_style)
		at += sprintf(at, "\033[%u q", m->cursor_style);
	if (m->title[0])
		at += sprintf(at, "\033]2;%s\033\\", m->title);
	for (int i = 0; i < 4; i++)
		if (m->charset[i] != 'B')
			at += sprintf(at, "\033%c%c", "()*+"[i], m->charset[i]);
	static const char *const shift[] = {"", "\016", "\033n", "\033o"};
	at += sprintf(at, "%s", shift[m->gl & 3]);
	at = attributes(at, &m->now, "");

	/* The ring begins inside a sequence too long to wait for: one of its kind that means nothing swallows the rest. */
	switch (modes_open_string(m)) {
	case '[': at += sprintf(at, "\033[0<"); break;
	case ']': at += sprintf(at, "\033]9999;"); break;
	case 'P': at += sprintf(at, "\033P0~"); break;
	case 'X': at += sprintf(at, "\033X"); break;
	}
	return (size_t)(at - begin);
}
