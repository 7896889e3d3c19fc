/** Times as people read them. */
import type { RoomStrings } from '../../i18n/room-fr.ts';
import { fill } from '../../shared/fill.ts';
import type { Language } from '../../shared/language.ts';

const minute = 60_000;
const locales: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' };

/** "12 janv. 2027, 09:00" */
export function moment(ms: number, language: Language): string {
	return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}

/** "12 janv. 2027, 09:00 – 12:00"; with both days when they differ. */
export function span(starts: number, ends: number, language: Language): string {
	return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short' }).formatRange(starts, ends);
}

/** "< 1 min", "12 min", "2 h 05" */
export function lasting(ms: number, t: RoomStrings): string {
	const minutes = Math.floor(ms / minute);
	if (minutes < 1) return t.lessThanAMinute;
	if (minutes < 60) return fill(t.minutes, { n: minutes });
	return fill(t.hours, { h: Math.floor(minutes / 60), m: String(minutes % 60).padStart(2, '0') });
}

/** A moment → the values of date and time fields, in this browser's time zone. */
export function fieldsOf(ms: number): { date: string; time: string } {
	const local = new Date(ms - new Date(ms).getTimezoneOffset() * minute).toISOString();
	return { date: local.slice(0, 10), time: local.slice(11, 16) };
}

/** Values of date and time fields → a moment. */
export function momentOf(date: string, time: string): number {
	return new Date(`${date}T${time}`).getTime();
}

/** "1 personne", "3 personnes" */
export function counted(n: number, one: string, many: string): string {
	return n === 1 ? one : fill(many, { n });
}
