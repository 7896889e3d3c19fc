/** What pages about rooms share: their texts, the server's rooms, and the way to a room's first lesson. */

import type { z } from 'zod';
import { attendeeEn } from '../../i18n/attendee-en.ts';
import { type AttendeeStrings, attendeeFr } from '../../i18n/attendee-fr.ts';
import type { Language } from '../../shared/language.ts';
import type { CardAnswer } from '../../shared/protocol/room-cards.ts';
import * as member from '../../shared/protocol/room-member.ts';
import * as schemas from '../../shared/protocol/rooms.ts';
import { ask } from '../ask.ts';

export interface Texts {
	language: Language;
	t: AttendeeStrings;
}

/** In the language of the element's `data-language`. */
export function textsOf(element: HTMLElement): Texts {
	return element.dataset.language === 'en' ? { language: 'en', t: attendeeEn } : { language: 'fr', t: attendeeFr };
}

/** The routes that everybody in a room may use, and those at its door. Each throws Refused. */
export function attendeeApi({ language, t }: Texts) {
	const at = <S extends z.ZodType>(path: string, schema: S, question: { body?: unknown; method?: 'DELETE' } = {}) =>
		ask(`/api/rooms${path}?language=${language}`, { schema, failed: t.failed, ...question });
	return {
		door: (code: string) => at('/door', schemas.doorSchema, { body: { code } }),
		join: (body: { code: string; name: string; stranger: boolean }) => at('/join', schemas.joinedSchema, { body }),
		back: (word: string) => at('/back', schemas.knownSchema, { body: { word } }),
		mine: () => at('', schemas.roomsSchema),
		me: (room: string) => at(`/${room}/me`, schemas.meSchema),
		raise: (room: string, hand: { lesson: string; step: string; line: string; looks: boolean }) =>
			at(`/${room}/hand`, member.raisedSchema, { body: hand }),
		lower: (room: string) => at(`/${room}/hand`, schemas.goneSchema, { method: 'DELETE' }),
		lead: (room: string, to: { lesson: string; step: string }) => at(`/${room}/follow`, member.doneSchema, { body: to }),
		stopLeading: (room: string) => at(`/${room}/follow`, schemas.goneSchema, { method: 'DELETE' }),
		show: (room: string, which: { lesson: string; terminal: string }) => at(`/${room}/show`, member.doneSchema, { body: which }),
		stopShowing: (room: string) => at(`/${room}/show`, schemas.goneSchema, { method: 'DELETE' }),
		answer: (room: string, look: string, body: member.LookAnswer) => at(`/${room}/looks/${look}/answer`, member.doneSchema, { body }),
		stop: (room: string, look: string) => at(`/${room}/looks/${look}`, schemas.goneSchema, { method: 'DELETE' }),
		opened: (room: string, body: schemas.OpenedRequest) => at(`/${room}/opened`, member.doneSchema, { body }),
		card: (room: string, card: string, body: CardAnswer) => at(`/${room}/cards/${card}/answer`, member.doneSchema, { body }),
		leave: (room: string) => at(`/${room}/me`, schemas.goneSchema, { method: 'DELETE' }),
	};
}
