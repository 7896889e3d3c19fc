/*
 * The state that output leaves a terminal in. Fed with what falls out of a ring, it knows the modes of the ring's start.
 * The parser follows the state machine of vt100.net/emu/dec_ansi_parser with the additions of xterm.js, which will read the
 * replay: UTF-8 only, C1 controls as two bytes (0xc2 0x80 … 0x9f). What is written back is in preamble.c.
 */
#include "modes.h"

#include <string.h>

const uint16_t private_modes[] = {1, 3, 5, 6, 7, 12, 25, 45, 1001, 1004, 1005, 1007, 1015, 2004, 2031};
const int private_modes_used = sizeof private_modes / sizeof private_modes[0];
/* On in a fresh terminal; the bits in `set` say "not as in a fresh terminal". */
bool private_mode_default(uint16_t mode)
{
	return mode == 7 || mode == 25;
}

enum { GROUND, ESCAPE, ESCAPE_INTER, CSI_ENTRY, CSI_PARAM, CSI_INTER, CSI_IGNORE, STRING };

void modes_reset(struct modes *m, uint16_t rows)
{
	char title[sizeof m->title];
	memcpy(title, m->title, sizeof title);
	*m = (struct modes){.rows = rows, .charset = "BBB"};
	m->charset[3] = 'B';
	memcpy(m->title, title, sizeof title);
}

static void soft_reset(struct modes *m)
{
	/* As xterm.js does it: mouse, reversed screen and title stay. */
	for (int i = 0; i < private_modes_used; i++) {
		uint16_t mode = private_modes[i];
		if (mode == 1 || mode == 6 || mode == 7 || mode == 25 || mode == 45 || mode == 1004 || mode == 2004)
			m->set &= ~(1u << i);
	}
	m->keypad = m->insert = false;
	m->cursor_style = 0;
	m->gl = 0;
	memset(m->charset, 'B', sizeof m->charset);
	m->now = m->saved[m->alternate != 0] = (struct attributes){0};
	m->region[m->alternate != 0].top = m->region[m->alternate != 0].bottom = 0;
}

void modes_resize(struct modes *m, uint16_t rows)
{
	memset(m->region, 0, sizeof m->region);
	m->rows = rows;
}

bool modes_at_boundary(const struct modes *m)
{
	return m->state == GROUND && !m->utf8_left;
}

uint8_t modes_open_string(const struct modes *m)
{
	if (m->state == STRING)
		return m->string;
	return m->state >= CSI_ENTRY && m->state <= CSI_IGNORE ? '[' : 0;
}

static void private_mode(struct modes *m, uint16_t mode, bool on)
{
	int screen = m->alternate != 0;
	switch (mode) {
	case 66:
		m->keypad = on;
		return;
	case 9: case 1000: case 1002: case 1003:
		m->mouse = on ? mode : 0;
		return;
	case 1006: case 1016:
		m->mouse_encoding = on ? mode : 0;
		return;
	case 2:
		if (on)
			memset(m->charset, 'B', sizeof m->charset);
		return;
	case 1048:
		if (on)
			m->saved[screen] = m->now;
		else
			m->now = m->saved[screen];
		return;
	case 47: case 1047: case 1049:
		if (on) {
			if (mode == 1049)
				m->saved[screen] = m->now;
			if (!m->alternate)
				m->alternate = mode;
		} else {
			m->alternate = 0;
			m->region[1].top = m->region[1].bottom = 0;
			if (mode == 1049)
				m->now = m->saved[0];
		}
		return;
	default:
		for (int i = 0; i < private_modes_used; i++)
			if (private_modes[i] == mode)
				m->set = on == private_mode_default(mode) ? m->set & ~(1u << i) : m->set | 1u << i;
	}
}

static void scroll_region(struct modes *m)
{
	uint16_t top = m->params_used > 0 && m->params[0] ? m->params[0] : 1;
	uint16_t bottom = m->params_used > 1 ? m->params[1] : 0;
	if (!bottom || bottom > m->rows)
		bottom = m->rows;
	if (bottom <= top)
		return;
	bool whole = top == 1 && bottom == m->rows;
	m->region[m->alternate != 0].top = whole ? 0 : top;
	m->region[m->alternate != 0].bottom = whole ? 0 : bottom;
}

static void csi(struct modes *m, uint8_t final)
{
	uint16_t first = m->params_used ? m->params[0] : 0;
	if (m->inters) {
		if (m->inters == 1 && m->inter == '!' && final == 'p' && !m->prefix)
			soft_reset(m);
		if (m->inters == 1 && m->inter == ' ' && final == 'q' && !m->prefix && first <= 6)
			m->cursor_style = m->params_used ? (uint8_t)first : 1;
	} else if (m->prefix == '?' && (final == 'h' || final == 'l')) {
		for (int i = 0; i < m->params_used; i++)
			private_mode(m, m->params[i], final == 'h');
	} else if (m->prefix) {
		return;
	} else if (final == 'h' || final == 'l') {
		for (int i = 0; i < m->params_used; i++) {
			if (m->params[i] == 4)
				m->insert = final == 'h';
			if (m->params[i] == 20)
				m->newline = final == 'h';
		}
	} else if (final == 'm') {
		attributes_change(&m->now, m->params, m->colon, m->params_used);
	} else if (final == 'r') {
		scroll_region(m);
	} else if (final == 's') {
		m->saved[m->alternate != 0] = m->now;
	} else if (final == 'u') {
		m->now = m->saved[m->alternate != 0];
	}
}

static void escape(struct modes *m, uint8_t final)
{
	if (m->inters) {
		const char *designators = "()*+-./";
		const char *at = m->inters == 1 && m->inter ? strchr(designators, m->inter) : NULL;
		if (at)
			m->charset[at - designators < 4 ? at - designators : at - designators - 3] = (char)final;
		else if (m->inters == 1 && m->inter == '%' && (final == '@' || final == 'G')) {
			m->gl = 0;
			m->charset[0] = 'B';
		}
		return;
	}
	switch (final) {
	case '7': m->saved[m->alternate != 0] = m->now; break;
	case '8': m->now = m->saved[m->alternate != 0]; break;
	case '=': m->keypad = true; break;
	case '>': m->keypad = false; break;
	case 'n': m->gl = 2; break;
	case 'o': m->gl = 3; break;
	case 'c': modes_reset(m, m->rows); break;
	}
}

static void osc(struct modes *m)
{
	/* "0;title" and "2;title" */
	if (m->osc_used < 2 || (m->osc[0] != '0' && m->osc[0] != '2') || m->osc[1] != ';')
		return;
	int length = m->osc_used - 2;
	if (length > (int)sizeof m->title - 1) {
		length = sizeof m->title - 1;
		/* Not in the middle of a character. */
		while (length && (m->osc[2 + length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(m->title, m->osc + 2, (size_t)length);
	m->title[length] = 0;
}

static void enter(struct modes *m, uint8_t what)
{
	m->prefix = m->inter = 0;
	m->inters = 0;
	m->params_used = m->osc_used = 0;
	m->state = what == '[' ? CSI_ENTRY : what == 0x1b ? ESCAPE : STRING;
	m->string = what;
}

/* A control of the C1 set, or what stands for it after ESC. */
static void c1(struct modes *m, uint8_t control)
{
	if (control == 0x9b)
		enter(m, '[');
	else if (control == 0x9d)
		enter(m, ']');
	else if (control == 0x90)
		enter(m, 'P');
	else if (control == 0x98 || control == 0x9e || control == 0x9f)
		enter(m, 'X');
	else {
		if (control == 0x9c && m->state == STRING && m->string == ']')
			osc(m);
		m->state = GROUND;
	}
}

static void osc_put(struct modes *m, uint8_t byte)
{
	if (m->state == STRING && m->string == ']' && m->osc_used < (int)sizeof m->osc)
		m->osc[m->osc_used++] = (char)byte;
}

/* A character beyond ASCII is complete. */
static void wide(struct modes *m)
{
	if (m->state != CSI_IGNORE && !(m->state == STRING && m->string != 'X'))
		m->state = GROUND;
}

static void param(struct modes *m, uint8_t byte)
{
	const int max = sizeof m->params / sizeof m->params[0];
	if (!m->params_used) {
		m->params[0] = 0;
		m->colon[0] = false;
		m->params_used = 1;
	}
	int last = m->params_used - 1;
	if (byte == ';' || byte == ':') {
		if (m->params_used <= max)
			m->params_used++;
		if (m->params_used <= max) {
			m->params[m->params_used - 1] = 0;
			m->colon[m->params_used - 1] = byte == ':';
		}
	} else if (last < max) {
		uint32_t value = m->params[last] * 10u + (byte - '0');
		m->params[last] = value > 0xffff ? 0xffff : (uint16_t)value;
	}
}

static void csi_byte(struct modes *m, uint8_t byte)
{
	const int max = sizeof m->params / sizeof m->params[0];
	if (byte >= 0x40) {
		if (m->params_used > max)
			m->params_used = max;
		if (m->state != CSI_IGNORE)
			csi(m, byte);
		m->state = GROUND;
	} else if (m->state == CSI_IGNORE) {
		return;
	} else if (byte < 0x30) {
		m->inter = (char)byte;
		m->inters += m->inters < 2;
		m->state = CSI_INTER;
	} else if (m->state == CSI_INTER || (m->state == CSI_PARAM && byte >= 0x3c)) {
		m->state = CSI_IGNORE;
	} else {
		if (byte >= 0x3c)
			m->prefix = (char)byte;
		else
			param(m, byte);
		m->state = CSI_PARAM;
	}
}

static void escape_byte(struct modes *m, uint8_t byte)
{
	if (byte < 0x30) {
		m->inter = (char)byte;
		m->inters += m->inters < 2;
		m->state = ESCAPE_INTER;
	} else if (m->state == ESCAPE && (byte == '[' || byte == ']' || byte == 'P')) {
		enter(m, byte);
	} else if (m->state == ESCAPE && (byte == 'X' || byte == '^' || byte == '_')) {
		enter(m, 'X');
	} else {
		m->state = GROUND;
		escape(m, byte);
	}
}

static void control(struct modes *m, uint8_t byte)
{
	bool string = m->state == STRING;
	if (string && m->string == ']' && (byte == 0x1b || byte == 0x07))
		osc(m);
	if (byte == 0x1b)
		enter(m, 0x1b);
	else if (byte == 0x18 || byte == 0x1a || (string && m->string == ']' && byte == 0x07))
		m->state = GROUND;
	else if (!string && (byte == 0x0e || byte == 0x0f))
		m->gl = byte == 0x0e;
}

void modes_feed(struct modes *m, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = bytes[i];
		if (m->utf8_left) {
			if ((byte & 0xc0) == 0x80) {
				bool is_c1 = m->utf8_c2 && byte < 0xa0;
				m->utf8_left--;
				m->utf8_c2 = false;
				if (is_c1) {
					m->osc_used -= m->osc_used > 0; /* the 0xc2 before it */
					c1(m, byte);
				} else {
					osc_put(m, byte);
					if (!m->utf8_left)
						wide(m);
				}
				continue;
			}
			m->utf8_left = 0;
		}
		if (byte >= 0x80) {
			if (byte >= 0xc2 && byte <= 0xf4) {
				m->utf8_left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
				m->utf8_c2 = byte == 0xc2;
				osc_put(m, byte);
			}
		} else if (byte < 0x20) {
			control(m, byte);
		} else if (m->state == GROUND || byte == 0x7f) {
			continue;
		} else if (m->state == STRING) {
			osc_put(m, byte);
		} else if (m->state >= CSI_ENTRY) {
			csi_byte(m, byte);
		} else {
			escape_byte(m, byte);
		}
	}
}
