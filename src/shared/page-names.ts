/** Pages that are not lessons, by their names in addresses: /fr/salles/, /en/rooms/. Known to the site and to the server, which leads to some. */
import type { Language } from './language.ts';

export const pageNames = {
	help: { fr: 'aide', en: 'help' },
	/** The statement of accessibility. */
	accessibility: { fr: 'accessibilite', en: 'accessibility' },
	/** What a learner has done, in all courses. */
	progress: { fr: 'progression', en: 'progress' },
	/** Where a certificate is verified: #CODE. */
	certificate: { fr: 'attestation', en: 'certificate' },
	/** The container images of the courses. */
	images: { fr: 'images', en: 'images' },
	/** Container runtimes side by side, as ./etabli compare found them. */
	comparison: { fr: 'comparaison', en: 'comparison' },
	/** A trainer's rooms. */
	rooms: { fr: 'salles', en: 'rooms' },
	/** One of them, for its trainer: ?room=… */
	room: { fr: 'salle', en: 'room' },
	/** For the wall: ?room=… */
	projector: { fr: 'projection', en: 'projector' },
	/** Where people come in: #CODE. */
	join: { fr: 'rejoindre', en: 'join' },
	/** What a room knows of whoever reads it: #ROOM. */
	myRoom: { fr: 'ma-salle', en: 'my-room' },
	/** Single sign-on: in, out, and what went wrong: #CODE of the refusal. */
	signIn: { fr: 'connexion', en: 'sign-in' },
} as const satisfies Record<string, Record<Language, string>>;

export type PageName = keyof typeof pageNames;

/** "/fr/aide/" */
export function pageAddress(page: PageName, language: Language): string {
	return `/${language}/${pageNames[page][language]}/`;
}
